"""go, run and the runtime's view of itself."""

import contextvars
import os
import threading

import pytest

import gofer
from gofer import Chan, DeadlockError, go, runtime
from gofer._core.sched import interrupts, scheduler
from gofer.sync import WaitGroup

name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="none")


def test_run_returns_and_raises_what_main_does() -> None:
    assert gofer.run(divmod, 7, 2) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        gofer.run(divmod, 1, 0)


def test_a_second_run_in_another_thread_is_refused_and_leaves_nothing() -> None:
    told: list[str] = []

    def second() -> None:
        with pytest.raises(RuntimeError, match=r"another gofer\.run is active") as caught:
            gofer.run(print)
        told.append(str(caught.value))

    def main() -> None:
        workers = len(scheduler.shared().all_workers())
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        assert len(scheduler.shared().all_workers()) == workers
        Chan[None]().recv()

    with pytest.raises(DeadlockError):
        gofer.run(main)
    assert told


def test_run_refuses_a_goroutine_and_what_cannot_be_called() -> None:
    def main() -> str:
        with pytest.raises(RuntimeError, match="active"):
            gofer.run(print)
        caught: Chan[str] = Chan()

        def inner() -> None:
            try:
                gofer.run(print)
            except RuntimeError as error:
                caught.send(str(error))

        go(inner)
        return caught.recv()

    assert "inside a goroutine" in gofer.run(main)
    with pytest.raises(TypeError, match="not callable"):
        gofer.run(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not callable"):
        go(None)  # type: ignore[arg-type]


def test_the_others_are_abandoned_without_their_finally() -> None:
    ran: list[str] = []

    def left() -> None:
        try:
            Chan().recv()
        finally:
            ran.append("finally")

    def main() -> None:
        go(left)
        runtime.gosched()

    gofer.run(main)
    assert runtime.num_goroutine() == 1
    assert ran == []


def test_a_deadlock_is_raised_in_main() -> None:
    def main() -> None:
        go(Chan[int](4).recv)
        Chan().send(1)

    with pytest.raises(DeadlockError, match="all goroutines are asleep - deadlock!") as caught:
        gofer.run(main)
    assert "goroutine 1 [chan send]:" in caught.value.goroutines
    assert "[chan receive]:" in caught.value.goroutines


def test_a_live_thread_is_no_deadlock() -> None:
    def main() -> int:
        ch: Chan[int] = Chan()
        gate = threading.Event()
        thread = threading.Thread(target=lambda: (gate.wait(), ch.send(3)))
        thread.start()
        gate.set()
        value = ch.recv()
        thread.join()
        return value

    assert gofer.run(main) == 3


def test_goexit_runs_finally() -> None:
    def main() -> list[str]:
        order: list[str] = []
        wg = WaitGroup()

        def leave() -> None:
            try:
                runtime.goexit()
            finally:
                order.append("finally")

        wg.go(leave)
        wg.wait()
        return order

    assert gofer.run(main) == ["finally"]


def test_goexit_of_main_lets_the_others_go_on() -> None:
    done: list[int] = []

    def main() -> None:
        go(done.append, 1)
        runtime.goexit()

    with pytest.raises(DeadlockError, match="no goroutines \\(main called runtime.Goexit\\) - deadlock!"):
        gofer.run(main)
    assert done == [1]


def test_system_exit_of_a_goroutine_is_raised_in_main() -> None:
    def main() -> None:
        go(exit_with, 5)
        Chan().recv()

    def exit_with(status: int) -> None:
        raise SystemExit(status)

    with pytest.raises(SystemExit) as caught:
        gofer.run(main)
    assert caught.value.code == 5


def test_contextvars_are_inherited_and_separate() -> None:
    def main() -> list[str]:
        out: Chan[str] = Chan()

        def child() -> None:
            seen = name.get()
            name.set("child")
            runtime.gosched()
            out.send(seen + " " + name.get())

        name.set("main")
        go(child)
        return [out.recv(), name.get()]

    assert gofer.run(main) == ["main child", "main"]


def test_the_panic_handler_takes_over() -> None:
    seen: list[tuple[int, str]] = []

    def main() -> int:
        wg = WaitGroup()
        runtime.set_panic_handler(lambda g, error: seen.append((g.id, str(error))))
        try:
            wg.go(divmod, 1, 0)
            wg.wait()
        finally:
            runtime.set_panic_handler(None)
        return len(seen)

    assert gofer.run(main) == 1
    assert "by zero" in seen[0][1]


def test_goroutines_say_what_they_do() -> None:
    def main() -> None:
        ch: Chan[int] = Chan(0)

        def waiting(ch: Chan[int]) -> None:
            ch.recv()

        go(waiting, ch)
        while runtime.goroutines()[-1].state != "waiting":
            runtime.gosched()
        me, other = runtime.goroutines()
        assert (me.id, me.state, runtime.goid()) == (1, "running", 1)
        assert (other.wait_reason, other.waiting_for, other.parent_id) == ("chan receive", ch, 1)
        assert other.created_by is not None and other.created_by.endswith("main")
        assert other.frames[0].function.endswith("waiting")
        text = runtime.stack(all=True)
        assert f"goroutine {other.id} [chan receive]:" in text
        assert "waiting(ch=<Chan 0/0>)" in text
        assert "in goroutine 1" in text
        assert "test_runtime.py" in runtime.stack()

    gofer.run(main)


def test_gomaxprocs() -> None:
    before = runtime.gomaxprocs()
    assert before >= 1
    assert runtime.gomaxprocs(0) == before == runtime.gomaxprocs()
    with pytest.raises(TypeError):
        runtime.gomaxprocs("2")  # type: ignore[arg-type]
    assert runtime.num_cpu() >= 1
    assert "gofer" in runtime.version()


def test_run_in_a_thread() -> None:
    results: list[int] = []

    def main() -> int:
        ch: Chan[int] = Chan()
        go(ch.send, 5)
        return ch.recv()

    thread = threading.Thread(target=lambda: results.append(gofer.run(main)))
    thread.start()
    thread.join()
    assert results == [5]


def test_go_in_a_foreign_thread() -> None:
    results: list[int] = []

    def body() -> None:
        ch: Chan[int] = Chan()
        go(ch.send, 6)
        results.append(ch.recv())

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert results == [6]


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_child_has_a_fresh_runtime() -> None:
    ch: Chan[int] = Chan(1)
    ch.send(1)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            mine: Chan[int] = Chan()
            go(mine.send, 1)
            status = 0 if mine.recv() == 1 and runtime.num_goroutine() <= 2 else 2
        finally:
            os._exit(status)
    assert os.waitpid(pid, 0)[1] == 0


def test_many_goroutines() -> None:
    def main() -> None:
        gate: Chan[None] = Chan()
        wg = WaitGroup()
        wg.add(20_000)
        for _ in range(20_000):
            go(lambda: (gate.recv(), wg.done()))
        runtime.gosched()
        assert runtime.num_goroutine() == 20_001
        gate.close()
        wg.wait()
        while runtime.num_goroutine() > 1:  # the last one of each worker may still be ending
            runtime.gosched()

    gofer.run(main)


def test_deep_recursion_does_not_add_up_over_carriers() -> None:
    def main() -> int:
        out: Chan[int] = Chan()

        def chain(n: int) -> None:
            if n:
                go(chain, n - 1)
            gate.recv()
            out.send(n)

        gate: Chan[None] = Chan()
        go(chain, 3000)
        while runtime.num_goroutine() < 3002:
            runtime.gosched()
        gate.close()
        return sum(out.recv() for _ in range(3001))

    assert gofer.run(main) == sum(range(3001))


def test_an_exit_that_main_did_not_wait_for_is_not_lost() -> None:
    def main() -> None:
        telling = threading.Thread(target=interrupts.interrupt, args=(scheduler.current(), SystemExit(7)))
        telling.start()
        telling.join()

    with pytest.raises(SystemExit) as caught:
        gofer.run(main)
    assert caught.value.code == 7
    assert gofer.run(lambda: gofer.runtime.gosched() or 1) == 1
