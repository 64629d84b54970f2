"""The loop that all calls of `aio.run` share: what ends it, and who is told."""

import asyncio
import contextvars
import socket
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

import gofer
from gofer import Chan, DeadlockError, aio, go
from gofer.sync import WaitGroup
from tests import programs

Outcome = tuple[str, Any]


def outcome(coro: Any) -> Outcome:
    """What `aio.run` comes to."""
    try:
        return "value", aio.run(coro)
    except BaseException as error:
        return type(error).__name__, error.args


def beside(coro: Any) -> tuple[Outcome, Outcome]:
    """What a coroutine comes to, and another that waits on the loop from before it to after it."""

    async def neighbour(begun: Chan[None], over: Chan[None]) -> str:
        await aio.send(begun, None)
        await aio.recv(over)
        return "fine"

    def main() -> tuple[Outcome, Outcome]:
        begun, over, result = Chan[None](), Chan[None](), Chan[Outcome](1)
        go(lambda: result.send(outcome(neighbour(begun, over))))
        begun.recv()
        own = outcome(coro)
        go(over.send, None)
        return own, result.recv()

    return gofer.run(main)


def leave() -> None:
    raise SystemExit(3)


async def exits() -> None:
    leave()


async def interrupts() -> None:
    await asyncio.sleep(0)
    raise KeyboardInterrupt("made up")


async def stops() -> str:
    asyncio.get_running_loop().stop()
    await asyncio.sleep(0)
    return "stopped"


async def awaits_what_exits() -> None:
    await asyncio.create_task(exits())


async def gathers_what_exits() -> list[Any]:
    return await asyncio.gather(exits(), return_exceptions=True)


async def groups_what_exits() -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(exits())


async def calls_what_exits() -> None:
    asyncio.get_running_loop().call_soon(leave)
    await asyncio.Event().wait()


async def waits_for_what_exits() -> None:
    asyncio.get_running_loop().call_later(0.0, leave)
    await asyncio.Event().wait()


async def exits_later_when_done() -> None:
    asyncio.current_task().add_done_callback(lambda task: leave())  # type: ignore[union-attr]


EXIT = ("SystemExit", (3,))


@pytest.mark.parametrize(
    ("coro", "right"),
    [
        (exits, EXIT),
        (interrupts, ("KeyboardInterrupt", ("made up",))),
        (stops, ("value", "stopped")),
        (awaits_what_exits, EXIT),
        (gathers_what_exits, EXIT),
        (groups_what_exits, EXIT),
        (calls_what_exits, EXIT),
        (waits_for_what_exits, EXIT),
    ],
)
def test_what_ends_the_loop_goes_to_its_caller_and_the_others_go_on(coro: Callable[[], Any], right: Outcome) -> None:
    assert beside(coro()) == (right, ("value", "fine"))
    assert gofer.run(aio.run, asyncio.sleep(0, "later")) == "later"


def test_many_callers_each_get_their_own() -> None:
    async def exits_with(n: int) -> int:
        await asyncio.sleep(0)
        if n % 2:
            raise SystemExit(n)
        return n

    def main() -> list[Outcome]:
        got: list[Outcome] = []
        group = WaitGroup()
        for n in range(40):
            group.go(lambda n=n: got.append(outcome(exits_with(n))))
        group.wait()
        return sorted(got)

    odd = [("SystemExit", (n,)) for n in range(1, 40, 2)]
    assert gofer.run(main) == odd + [("value", n) for n in range(0, 40, 2)]


def test_the_coroutine_is_cancelled_before_its_caller_is_told() -> None:
    trace: list[str] = []

    async def cleans_up() -> None:
        asyncio.get_running_loop().call_soon(leave)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            trace.append("cleaned up")

    with pytest.raises(SystemExit):
        gofer.run(aio.run, cleans_up())
    assert trace == ["cleaned up"]


def test_what_a_coroutine_left_behind_is_told_to_main() -> None:
    async def leaves_a_task(gate: Chan[None]) -> str:
        async def later() -> None:
            await aio.recv(gate)
            leave()

        kept.append(asyncio.create_task(later()))
        return "done"

    def main() -> None:
        gate: Chan[None] = Chan()
        assert aio.run(leaves_a_task(gate)) == "done"
        go(gate.send, None)
        Chan().recv()

    kept: list[Any] = []
    with pytest.raises(SystemExit) as ended:
        gofer.run(main)
    assert kept.pop().exception() is ended.value
    assert ended.value.code == 3
    assert gofer.run(aio.run, asyncio.sleep(0, "later")) == "later"


def test_what_comes_too_late_for_an_interrupted_caller_is_told_to_main() -> None:
    """Main is interrupted twice: by the goroutine, and by what its coroutine does when it is cancelled."""

    async def exits_when_cancelled(started: Chan[None]) -> None:
        try:
            await aio.send(started, None)
            await asyncio.Event().wait()
        finally:
            raise SystemExit(4)

    def interrupt(started: Chan[None]) -> None:
        started.recv()
        raise SystemExit(3)

    def main() -> list[Any]:
        started: Chan[None] = Chan()
        go(interrupt, started)
        try:
            with pytest.raises(SystemExit) as first:
                aio.run(exits_when_cancelled(started))
            Chan[None]().recv()
        except SystemExit as second:
            return [first.value.code, second.code]
        return []

    assert gofer.run(main) == [3, 4]


def closes(loop: Any) -> Callable[[], None]:
    return loop.close


def fails(loop: Any) -> Callable[[], None]:
    def fail() -> None:
        raise OSError("no such loop")

    return fail


class Killed(BaseException):
    """What ends the thread."""


def dies(loop: Any) -> Callable[[], None]:
    def die() -> None:
        raise Killed

    return die


@pytest.mark.parametrize(("ending", "cause"), [(closes, type(None)), (fails, OSError), (dies, Killed)])
def test_who_is_on_a_loop_that_is_gone_is_told_and_the_next_has_another(ending: Any, cause: type) -> None:
    async def ends(loops: list[Any]) -> None:
        loop: Any = asyncio.get_running_loop()
        loops.append(loop)
        loop.run_forever = ending(loop)  # what its thread calls next
        loop.stop()
        await asyncio.Event().wait()

    async def which() -> Any:
        return asyncio.get_running_loop()

    def main() -> None:
        loops: list[Any] = []
        with pytest.raises(RuntimeError, match=r"aio\.run: the asyncio loop that all calls share was closed") as told:
            aio.run(ends(loops))
        assert isinstance(told.value.__cause__, cause)
        assert loops[0].is_closed()
        assert aio.run(which()) not in loops

    gofer.run(main)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks begin at once from 3.12 on")
def test_a_task_that_begins_at_once() -> None:
    async def set_factory(factory: Any) -> None:
        asyncio.get_running_loop().set_task_factory(factory)

    def main() -> None:
        aio.run(set_factory(asyncio.eager_task_factory))
        try:
            assert beside_here() == (EXIT, ("value", "fine"))
        finally:
            aio.run(set_factory(None))

    def beside_here() -> tuple[Outcome, Outcome]:
        result: Chan[Outcome] = Chan(1)
        over: Chan[str] = Chan()
        go(lambda: result.send(outcome(aio.recv(over))))
        own = outcome(exits())
        go(over.send, "fine")
        return own, result.recv()

    gofer.run(main)


def test_channels_and_goroutines_go_on_after_the_loop_was_stopped() -> None:
    async def works(ask: Chan[int], answer: Chan[int]) -> int:
        asyncio.get_running_loop().stop()
        await aio.send(answer, await aio.recv(ask))
        asyncio.get_running_loop().stop()
        return await aio.go(pow, 2, 3)

    def main() -> tuple[Any, Any]:
        ask, answer, result = Chan[int](), Chan[int](), Chan[Outcome](1)
        go(lambda: result.send(outcome(works(ask, answer))))
        ask.send(5)
        return answer.recv(), result.recv()

    assert gofer.run(main) == (5, ("value", 8))


def test_a_generator_is_closed_by_the_loop_that_was_stopped() -> None:
    closed: list[str] = []

    async def numbers() -> Any:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            closed.append("closed")

    async def breaks_off() -> None:
        async for _ in numbers():
            asyncio.get_running_loop().stop()
            await asyncio.sleep(0)
            break
        while not closed:
            await asyncio.sleep(0)

    gofer.run(aio.run, breaks_off())
    assert closed == ["closed"]


def test_an_end_in_a_foreign_thread() -> None:
    assert gofer.run(gofer.blocking, outcome, exits()) == EXIT


def test_the_context_of_the_caller_is_seen() -> None:
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name")

    async def seen() -> str:
        return name.get()

    def main() -> Any:
        name.set("caller")
        return aio.run(seen())

    assert gofer.run(main) == "caller"


def test_uvloop() -> None:
    uvloop = pytest.importorskip("uvloop")
    done = programs.run_text(
        f"""
import asyncio, sys, uvloop
from gofer import Chan, DeadlockError, aio, go
asyncio.new_event_loop = uvloop.new_event_loop

async def leave():
    assert isinstance(asyncio.get_running_loop(), uvloop.Loop), {uvloop.__name__!r}
    await asyncio.sleep(0)
    raise SystemExit(3)

over, result = Chan(), Chan(1)
go(lambda: result.send(aio.run(aio.recv(over))))
try:
    aio.run(leave())
except SystemExit as error:
    go(over.send, "fine")
    print(error.code, result.recv())
""",
        "plain",
    )
    assert (done.out, done.err) == ("3 fine\n", "")


@pytest.mark.parametrize("where", ["aio.run(leaves())", "go(aio.run, leaves()); Chan().recv()"])
@pytest.mark.parametrize("debug", ["", "1"])
def test_the_status_of_the_program(where: str, debug: str) -> None:
    done = programs.run_text(
        f"""
import asyncio, atexit
from gofer import Chan, DeadlockError, aio, go

async def leaves():
    await asyncio.sleep(0)
    raise SystemExit(7)

atexit.register(print, "at exit")
try:
    {where}
finally:
    print("finally")
""",
        PYTHONASYNCIODEBUG=debug,
    )
    assert (done.out, done.status) == ("finally\nat exit\n", 7), done.err


def test_a_forked_child_has_a_loop_of_its_own() -> None:
    done = programs.run_text(
        """
import asyncio, os
from gofer import aio

async def leave():
    raise SystemExit(5)

print(aio.run(asyncio.sleep(0, "parent")), flush=True)
pid = os.fork()
if not pid:
    try:
        aio.run(leave())
    except SystemExit as error:
        print("child", error.code, aio.run(asyncio.sleep(0, "goes on")), flush=True)
    os._exit(0)
print(os.waitpid(pid, 0)[1], aio.run(asyncio.sleep(0, "parent")))
""",
        "plain",
    )
    assert done.out == "parent\nchild 5 goes on\n0 parent\n", done.err


def test_a_coroutine_that_forks_ends_the_child_where_it_ends() -> None:
    done = programs.run_text(
        """
import asyncio, os
from gofer import aio

async def forks():
    pid = os.fork()
    if not pid:
        return "child"
    return os.waitpid(pid, 0)[1]

print(aio.run(forks()))
""",
        "plain",
    )
    assert done.out == "0\n", done.err


def task_left(ch: Chan[str]) -> Any:
    async def later() -> None:
        await asyncio.sleep(0.02)
        await aio.send(ch, "sent")

    return asyncio.create_task(later())


def timer_left(ch: Chan[str]) -> Any:
    return asyncio.get_running_loop().call_later(0.02, go, ch.send, "sent")


def chain_left(ch: Chan[str]) -> Any:
    def again() -> None:
        asyncio.get_running_loop().call_soon(timer_left, ch)

    return asyncio.get_running_loop().call_later(0.01, again)


@pytest.mark.parametrize("left", [task_left, timer_left, chain_left])
def test_what_a_coroutine_left_behind_can_wake_a_goroutine_and_then_no_more(left: Any) -> None:
    async def leaves(ch: Chan[str]) -> Any:
        return left(ch)

    def main() -> None:
        ch: Chan[str] = Chan()
        kept = aio.run(leaves(ch))
        assert ch.recv() == "sent"
        with pytest.raises(DeadlockError):
            ch.recv()
        assert kept is not None

    gofer.run(main)


def test_a_server_that_a_coroutine_left_behind_can_wake_a_goroutine() -> None:
    async def serve(ch: Chan[bytes]) -> Any:
        async def client(reader: Any, writer: Any) -> None:
            await aio.send(ch, await reader.readline())
            writer.close()

        return await asyncio.start_server(client, "127.0.0.1")

    async def stop(server: Any) -> None:
        server.close()
        await server.wait_closed()

    def send(port: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(b"hello\n")
            connection.recv(1)

    def main() -> None:
        ch: Chan[bytes] = Chan()
        server = aio.run(serve(ch))
        client = threading.Timer(0.02, send, [server.sockets[0].getsockname()[1]])
        client.start()
        assert ch.recv() == b"hello\n"
        client.join()
        aio.run(stop(server))
        with pytest.raises(DeadlockError):
            ch.recv()

    gofer.run(main)
