"""sync.Cond where a wait is cut short: by an interruption, or by the lock. No signal is lost, and none is doubled."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gofer
from gofer import DeadlockError, FatalError, go, runtime
from gofer._core.sched import scheduler
from gofer.sync import Cond, Mutex, WaitGroup
from tests.waiting import wait_until


class Stop(Exception):
    """What a goroutine is interrupted with."""


class Waiting:
    """Goroutines that wait one after another, and who of them has been woken or stopped."""

    def __init__(self, count: int) -> None:
        self.cond = Cond(Mutex())
        self.woken: list[int] = []
        self.stopped: list[int] = []
        self.goroutines: list[scheduler.Goroutine] = []
        self.ended = WaitGroup()
        for n in range(count):
            self.ended.go(self.wait, n)
            wait_until("sync.Cond.Wait", n + 1)

    def wait(self, n: int) -> None:
        self.goroutines.append(scheduler.current())
        with self.cond.lock:
            try:
                self.cond.wait()
            except Stop:
                self.stopped.append(n)
            else:
                self.woken.append(n)

    def interrupt(self, n: int) -> None:
        scheduler.interrupt(self.goroutines[n], Stop())

    def settle(self) -> tuple[list[int], list[int]]:
        """Who has been woken and stopped by now."""
        for _ in range(10):
            runtime.gosched()
        return sorted(self.woken), self.stopped


@pytest.fixture(autouse=True)
def one_worker() -> Iterator[None]:
    before = runtime.gomaxprocs(1)
    yield
    runtime.gomaxprocs(before)


def test_one_that_was_interrupted_has_left() -> None:
    def main() -> None:
        waiting = Waiting(2)
        waiting.interrupt(0)
        assert waiting.settle() == ([], [0])
        waiting.cond.signal()
        assert waiting.settle() == ([1], [0])

    gofer.run(main)


def test_a_signal_passes_over_one_that_is_interrupted_and_has_not_left_yet() -> None:
    def main() -> None:
        waiting = Waiting(3)
        waiting.interrupt(0)
        waiting.cond.signal()
        assert waiting.settle() == ([1], [0])
        waiting.interrupt(2)
        waiting.cond.broadcast()
        assert waiting.settle() == ([1], [0, 2])

    gofer.run(main)


def test_a_signal_is_passed_on_once_by_one_that_is_interrupted_twice() -> None:
    """After the signal, and again while it locks."""

    def main() -> None:
        waiting = Waiting(4)
        waiting.cond.lock.lock()
        waiting.cond.signal()
        waiting.interrupt(0)
        wait_until("sync.Mutex.Lock", 1)
        waiting.interrupt(0)
        for _ in range(5):
            runtime.gosched()
        waiting.cond.lock.unlock()
        woken, stopped = waiting.settle()
        assert (stopped, woken) in (([0], [1]), ([], [0]))
        waiting.cond.broadcast()
        waiting.ended.wait()

    gofer.run(main)


def test_a_wait_that_could_not_let_go_of_the_lock_has_left() -> None:
    class Stuck:
        """Cannot be let go the first time."""

        def __init__(self) -> None:
            self.failures = [ValueError("stuck")]

        def lock(self) -> None:
            pass

        def unlock(self) -> None:
            if self.failures:
                raise self.failures.pop()

    def main() -> list[str]:
        cond = Cond(Stuck())
        woken: list[str] = []
        with pytest.raises(ValueError, match="stuck"):
            cond.wait()
        go(lambda: (cond.wait(), woken.append("woken")))
        wait_until("sync.Cond.Wait", 1)
        cond.signal()
        runtime.gosched()
        return woken

    assert gofer.run(main) == ["woken"]


def test_a_signal_between_the_unlock_and_the_park_is_enough() -> None:
    class Signalling:
        """Whoever lets it go gives the signal."""

        def lock(self) -> None:
            pass

        def unlock(self) -> None:
            cond.signal()

    cond = Cond(Signalling())
    gofer.run(cond.wait)
    gofer.run(cond.wait)


def test_a_lock_that_is_misused_is_told() -> None:
    class Broken:
        """Cannot be taken again."""

        def lock(self) -> None:
            raise FatalError("broken")

        def unlock(self) -> None:
            cond.broadcast()

    cond = Cond(Broken())
    with pytest.raises(FatalError, match="^broken$"):
        gofer.run(cond.wait)


def test_nobody_signals() -> None:
    cond = Cond(Mutex())

    def main() -> None:
        with cond.lock:
            cond.wait()

    with pytest.raises(DeadlockError) as raised:
        gofer.run(main)
    assert "goroutine 1 [sync.Cond.Wait]:" in raised.value.goroutines
    assert not cond.lock.locked()


def test_what_is_no_predicate() -> None:
    with pytest.raises(TypeError, match=r"^Cond\.wait_for: 5 is not callable$"):
        Cond(Mutex()).wait_for(5)  # type: ignore[arg-type]
