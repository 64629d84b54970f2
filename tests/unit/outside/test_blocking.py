"""`blocking`: the thread is free meanwhile, results and failures come back, helpers are used again and end."""

import contextvars
import threading
import traceback

import pytest

import gofer
from gofer import Chan, DeadlockError, blocking, go, runtime
from gofer._core.outside import blocking as pool
from gofer.sync import WaitGroup
from tests import programs
from tests.waiting import wait_until

name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="none")


def test_it_returns_and_raises_what_the_call_does() -> None:
    def fail(message: str) -> None:
        raise KeyError(message)

    def main() -> tuple[int, int]:
        with pytest.raises(KeyError, match="lost") as caught:
            blocking(fail, "lost")
        files = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
        assert files == ["main", "blocking", "fail"]
        return blocking(divmod, 7, 2)

    assert gofer.run(main) == (3, 1)
    assert blocking(int, "12", base=8) == 10


def test_what_cannot_be_called() -> None:
    with pytest.raises(TypeError, match="blocking: 3 is not callable"):
        blocking(3)  # type: ignore[arg-type]


def test_other_goroutines_run_meanwhile_and_it_says_so() -> None:
    def main() -> list[str]:
        gate = threading.Event()
        seen: list[str] = []

        def watch() -> None:
            wait_until("blocking call", 1)
            seen.append("waits")
            gate.set()

        go(watch)
        assert blocking(gate.wait)
        return seen

    assert gofer.run(main) == ["waits"]


def test_the_callers_context_is_seen_and_stays_as_it_is() -> None:
    def change() -> str:
        before = name.get()
        name.set("changed")
        return before

    def main() -> tuple[str, str]:
        name.set("main")
        return blocking(change), name.get()

    assert gofer.run(main) == ("main", "main")


def test_an_idle_helper_is_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "POOL", pool.Pool())  # none that other tests have left idle

    def main() -> set[int]:
        threads = set()
        for _ in range(20):
            while pool.POOL.queued or (not pool.POOL.idle and threads):
                runtime.gosched()  # the helper says that it is idle after the result is there
            threads.add(blocking(threading.get_ident))
        return threads

    assert len(gofer.run(main)) == 1


def test_an_idle_helper_is_no_hope_in_a_deadlock() -> None:
    def main() -> None:
        blocking(int)
        Chan().recv()

    with pytest.raises(DeadlockError):
        gofer.run(main)


def test_a_call_that_only_a_blocked_goroutine_could_end_is_a_deadlock() -> None:
    def main() -> None:
        never: Chan[int] = Chan()
        blocking(never.recv)

    with pytest.raises(DeadlockError) as caught:
        gofer.run(main)
    assert "goroutine 1 [blocking call]:" in caught.value.goroutines


def test_gofers_operations_work_in_the_call() -> None:
    def main() -> list[int]:
        ask: Chan[int] = Chan()
        answer: Chan[int] = Chan()

        def serve() -> None:
            for n in ask:
                answer.send(n * n)

        def client() -> list[int]:
            got = []
            for n in range(5):
                ask.send(n)
                got.append(answer.recv())
            started: Chan[int] = Chan()
            go(started.send, 7)
            return [*got, started.recv(), runtime.goid()]

        go(serve)
        return blocking(client)

    assert gofer.run(main) == [0, 1, 4, 9, 16, 7, 0]


def test_goexit_in_the_call_ends_the_goroutine() -> None:
    def main() -> list[str]:
        order: list[str] = []
        group = WaitGroup()

        def leave() -> None:
            try:
                blocking(runtime.goexit)
            finally:
                order.append("finally")
            order.append("unreachable")

        group.go(leave)
        group.wait()
        return order

    assert gofer.run(main) == ["finally"]


def test_more_calls_than_helpers_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MAX_HELPERS", 3)
    monkeypatch.setattr(pool, "POOL", pool.Pool())

    def main() -> tuple[list[int], int]:
        group = WaitGroup()
        lock = threading.Lock()
        results: list[int] = []
        threads: set[int] = set()

        def call(n: int) -> int:
            with lock:
                threads.add(threading.get_ident())
            return n

        def one(n: int) -> None:
            value = blocking(call, n)
            with lock:
                results.append(value)

        for n in range(200):
            group.go(one, n)
        group.wait()
        return sorted(results), len(threads)

    results, threads = gofer.run(main)
    assert results == list(range(200))
    assert 1 <= threads <= 3


def test_helpers_end_when_they_have_been_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "IDLE_SECONDS", 0.001)
    monkeypatch.setattr(pool, "POOL", pool.Pool())

    def main() -> None:
        helper = blocking(threading.current_thread)
        blocking(helper.join)  # by another helper, or by the same one, which then cannot have ended
        assert not helper.is_alive()

    def attempt() -> bool:
        try:
            gofer.run(main)
        except RuntimeError as error:
            assert "cannot join current thread" in str(error)
            return False
        return True

    while not attempt():
        pass


def test_a_foreign_thread_makes_the_call_itself() -> None:
    seen: list[bool] = []
    thread = threading.Thread(target=lambda: seen.append(blocking(threading.current_thread) is thread))
    thread.start()
    thread.join()
    assert seen == [True]


def test_interrupted_main_goes_on_and_the_end_does_not_wait() -> None:
    done = programs.run_text(
        """
import threading, time
from gofer import blocking, go

def leave():
    raise SystemExit(7)

go(leave)
try:
    blocking(time.sleep, 1000)
finally:
    print("finally")
"""
    )
    assert (done.out, done.err, done.status) == ("finally\n", "", 7)


@pytest.mark.parametrize("procs", [1, 2, 8])
def test_many_calls_from_many_goroutines(procs: int) -> None:
    before = runtime.gomaxprocs(procs)

    def main() -> int:
        total: Chan[int] = Chan(100)
        for n in range(400):
            go(lambda n=n: total.send(blocking(lambda: n)))
        return sum(total.recv() for _ in range(400))

    try:
        assert gofer.run(main) == sum(range(400))
    finally:
        runtime.gomaxprocs(before)
