"""asyncio and goroutines: hand-over both ways, cancellation that loses nothing."""

import asyncio
import contextvars
import gc
import random
import threading
from collections.abc import Coroutine
from typing import Any

import pytest

import gofer
from gofer import Chan, ClosedChannelError, DeadlockError, aio, go, runtime
from gofer.sync import WaitGroup
from tests import programs

name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="none")


def in_thread(coro: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine on a loop of a thread of its own, while the main thread is a worker that waits for it."""
    return gofer.run(gofer.blocking, asyncio.run, coro)


async def until(condition) -> None:
    while not condition():
        await asyncio.sleep(0)


def test_values_both_ways() -> None:
    async def main() -> list[int]:
        ask: Chan[int] = Chan()
        answer: Chan[int] = Chan()

        def serve() -> None:
            for n in ask:
                answer.send(n * n)
            answer.close()

        go(serve)
        got = []
        for n in range(50):
            await aio.send(ask.sender, n)
            got.append(await aio.recv(answer.receiver))
        ask.close()
        assert await aio.recv_ok(answer) == (None, False)
        return got

    assert in_thread(main()) == [n * n for n in range(50)]


def test_beside_a_loop_in_the_main_thread() -> None:
    done = programs.run_text(
        """
import asyncio
from gofer import Chan, aio, go, runtime

async def main():
    ch = Chan()
    go(lambda: [ch.send(n) for n in range(3)])
    print([await aio.recv(ch) for _ in range(3)], await aio.go(pow, 2, 5))

asyncio.run(main())
runtime.gosched()
asyncio.run(main())
""",
        "plain",
    )
    assert (done.out, done.err) == ("[0, 1, 2] 32\n" * 2, "")


def test_tasks_wait_for_each_other_over_channels() -> None:
    async def main() -> list[int]:
        ch: Chan[int] = Chan(1)
        received: list[int] = []

        async def consume() -> None:
            while (item := await aio.recv_ok(ch))[1]:
                received.append(item[0])

        tasks = [asyncio.create_task(consume()) for _ in range(3)]
        for n in range(30):
            await aio.send(ch, n)
        ch.close()
        await asyncio.gather(*tasks)
        return sorted(received)

    assert in_thread(main()) == list(range(30))


def test_go_returns_and_raises() -> None:
    async def main() -> None:
        name.set("task")
        assert await aio.go(divmod, 7, 2) == (3, 1)
        assert await aio.go(name.get) == "task"
        assert await aio.go(runtime.goid) > 0
        with pytest.raises(ZeroDivisionError):
            await aio.go(divmod, 1, 0)
        with pytest.raises(RuntimeError, match="the goroutine called runtime.goexit"):
            await aio.go(runtime.goexit)
        with pytest.raises(TypeError, match="3 is not callable"):
            await aio.go(3)  # type: ignore[arg-type]

    in_thread(main())


def test_an_exception_nobody_awaits_goes_to_the_loop() -> None:
    async def main() -> list[str]:
        seen: list[str] = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: seen.append(repr(context["exception"])))
        gate: Chan[int] = Chan()
        task = asyncio.create_task(aio.go(lambda: 1 // gate.recv()))
        await until(gate.waits_to_receive)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await aio.send(gate, 0)
        await until(lambda: seen)
        return seen

    (seen,) = in_thread(main())
    assert seen.startswith("ZeroDivisionError")


def test_closed_channels() -> None:
    async def main() -> None:
        ch: Chan[int] = Chan(zero=-1)
        receiving = asyncio.create_task(aio.recv(ch))
        await until(ch.waits_to_receive)
        ch.close()
        assert await receiving == -1
        with pytest.raises(ClosedChannelError):
            await aio.send(ch, 1)
        other: Chan[int] = Chan()
        sending = asyncio.create_task(aio.send(other, 1))
        await asyncio.sleep(0)
        other.close()
        with pytest.raises(ClosedChannelError):
            await sending

    in_thread(main())


@pytest.mark.parametrize("operation", [aio.recv, aio.recv_ok, lambda ch: aio.send(ch, 1)])
def test_what_is_no_channel(operation) -> None:
    async def main() -> None:
        with pytest.raises(TypeError, match=r"aio\.\w+: a channel to \w+ on is needed"):
            await operation(3)
        wrong = Chan().sender if operation in (aio.recv, aio.recv_ok) else Chan().receiver
        with pytest.raises(TypeError):
            await operation(wrong)

    in_thread(main())


def test_cancelled_while_it_waits() -> None:
    async def main() -> None:
        ch: Chan[int] = Chan()
        for operation in (aio.recv(ch), aio.send(ch, 1)):
            task = asyncio.create_task(operation)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        go(ch.send, 5)
        assert await aio.recv(ch) == 5

    in_thread(main())


@pytest.mark.parametrize("capacity", [0, 1, 3])
@pytest.mark.parametrize("closed", [False, True])
def test_a_value_that_comes_with_the_cancellation_goes_back_to_the_front(capacity: int, closed: bool) -> None:
    async def main() -> list[int]:
        ch: Chan[int] = Chan(capacity)
        tasks = [asyncio.create_task(aio.recv(ch)) for _ in range(2)]
        await until(ch.waits_to_receive)
        await asyncio.sleep(0)
        for n in range(2 + capacity):  # two are handed over, the rest fills the buffer
            ch.send(n)
        for task in reversed(tasks):
            task.cancel()
        await asyncio.gather(*reversed(tasks), return_exceptions=True)
        assert [task.cancelled() for task in tasks] == [True, True]
        if closed:
            ch.close()
        order = [await aio.recv(ch) for _ in range(2 + capacity)]
        assert not ch.waits_to_receive() and len(ch) == 0
        return order

    assert in_thread(main()) == list(range(2 + capacity))


def test_the_front_is_the_front() -> None:
    async def main() -> list[int]:
        ch: Chan[int] = Chan(2)
        task = asyncio.create_task(aio.recv(ch))
        await until(ch.waits_to_receive)
        for n in range(3):
            ch.send(n)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return [await aio.recv(ch) for _ in range(3)]

    assert in_thread(main()) == [0, 1, 2]


def test_a_value_that_goes_back_goes_to_who_waits() -> None:
    async def main() -> int:
        ch: Chan[int] = Chan()
        first = asyncio.create_task(aio.recv(ch))
        await until(ch.waits_to_receive)
        ch.send(8)
        second = asyncio.create_task(aio.recv(ch))
        first.cancel()
        return await second

    assert in_thread(main()) == 8


def test_a_closed_loop_loses_nothing() -> None:
    ch: Chan[int] = Chan()

    def leave_waiting() -> Any:
        loop = asyncio.new_event_loop()
        task = loop.create_task(aio.recv(ch))
        while not ch.waits_to_receive():
            loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        return task

    def main() -> int:
        task = gofer.blocking(leave_waiting)
        go(ch.send, 4)
        value = ch.recv()
        assert not task.done()
        task._log_destroy_pending = False
        del task
        gc.collect()
        return value

    assert gofer.run(main) == 4


@pytest.mark.parametrize("capacity", [0, 1, 5])
@pytest.mark.parametrize("procs", [1, 2, 8])
def test_cancellations_lose_and_double_nothing(capacity: int, procs: int) -> None:
    """Every value that was sent arrives once, though receiving and sending tasks are cancelled at random."""
    seed = random.randrange(2**32)
    each = 150

    async def body(ch: Chan[int], done: Chan[None]) -> tuple[list[int], set[int], set[int]]:
        rng = random.Random(seed)
        received: list[int] = []
        sent: set[int] = set()
        unsure: set[int] = set()
        tasks: set[asyncio.Task[None]] = set()
        stopping: list[bool] = []

        async def one_receive() -> None:
            received.append(await aio.recv(ch))

        async def consume() -> None:
            while not stopping:
                task = asyncio.create_task(one_receive())
                tasks.add(task)
                for _ in range(rng.randrange(3)):
                    await asyncio.sleep(0)
                if rng.random() < 0.7:
                    task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                tasks.discard(task)

        async def produce(start: int) -> None:
            for n in range(start, start + each):
                task = asyncio.create_task(aio.send(ch, n))
                for _ in range(rng.randrange(3)):
                    await asyncio.sleep(0)
                if rng.random() < 0.5:
                    task.cancel()
                try:
                    await task
                    sent.add(n)
                except asyncio.CancelledError:
                    unsure.add(n)

        consumers = [asyncio.create_task(consume()) for _ in range(3)]
        await asyncio.gather(produce(1000), produce(2000))
        await aio.recv(done)
        stopping.append(True)
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*consumers)
        return received, sent, unsure

    def main() -> None:
        ch: Chan[int] = Chan(capacity)
        done: Chan[None] = Chan()
        group = WaitGroup()
        taken: list[int] = []

        def produce(k: int) -> None:
            for n in range(10_000 + k * each, 10_000 + (k + 1) * each):
                ch.send(n)
                runtime.gosched()

        for k in range(4):
            group.go(produce, k)
        go(lambda: (group.wait(), done.send(None)))
        received, sent, unsure = gofer.blocking(asyncio.run, body(ch, done))
        while True:
            chosen = gofer.select(gofer.recv(ch), default=True)
            if chosen.index == gofer.DEFAULT:
                break
            taken.append(chosen.value)
        everything = received + taken
        assert len(everything) == len(set(everything)), seed
        certain = sent | set(range(10_000, 10_000 + 4 * each))
        assert certain <= set(everything) <= certain | unsure, seed

    before = runtime.gomaxprocs(procs)
    try:
        gofer.run(main)
    finally:
        runtime.gomaxprocs(before)


def test_run_parks_the_goroutine() -> None:
    async def double(n: int) -> tuple[int, str]:
        await asyncio.sleep(0)
        return 2 * n, name.get()

    async def fail() -> None:
        raise KeyError("lost")

    def main() -> list[int]:
        name.set("caller")
        group = WaitGroup()
        got: list[int] = []
        for n in range(20):
            group.go(lambda n=n: got.append(aio.run(double(n))[0]))
        group.wait()
        assert aio.run(double(1)) == (2, "caller")
        with pytest.raises(KeyError, match="lost"):
            aio.run(fail())
        return sorted(got)

    assert gofer.run(main) == [2 * n for n in range(20)]


def test_run_refuses_what_is_wrong() -> None:
    async def inside() -> None:
        with pytest.raises(RuntimeError, match="await the coroutine instead"):
            aio.run(asyncio.sleep(0))

    in_thread(inside())
    with pytest.raises(TypeError, match="a coroutine is needed, not int"):
        aio.run(3)  # type: ignore[arg-type]


def test_an_interrupted_run_cancels_the_task() -> None:
    cancelled = threading.Event()

    async def wait_for_ever(started: Chan[None]) -> None:
        try:
            await aio.send(started, None)  # cancelled here, where the other is fast
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    def leave(started: Chan[None]) -> None:
        started.recv()
        raise SystemExit(3)

    def main() -> None:
        started: Chan[None] = Chan()
        go(leave, started)
        aio.run(wait_for_ever(started))

    with pytest.raises(SystemExit):
        gofer.run(main)
    assert cancelled.wait(50)


def test_the_shared_loop_is_no_hope_when_it_has_nothing_to_do() -> None:
    def main() -> None:
        aio.run(asyncio.sleep(0))
        Chan().recv()

    with pytest.raises(DeadlockError):
        gofer.run(main)
