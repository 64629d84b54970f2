"""Mutex and RWMutex in what happens between two of their steps: tries that fail, waits that are interrupted, a holder
that lets go between a waiter's look and its wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

import pytest

import gofer
from gofer import Chan, FatalError, context, go, recv, runtime, select, semaphore, send, time
from gofer._core.sched import scheduler
from gofer.sync import Mutex, Once, RWMutex, WaitGroup
from tests.waiting import wait_until

UNCOMPILED = str(scheduler.__file__).endswith(".py")
Kind = type[Mutex] | type[RWMutex]
both = pytest.mark.parametrize("kind", [Mutex, RWMutex])


class Stop(Exception):
    """What a goroutine is interrupted with."""


@pytest.fixture(autouse=True)
def one_worker() -> Iterator[None]:
    before = runtime.gomaxprocs(1)
    yield
    runtime.gomaxprocs(before)


def is_free(lock: Mutex | RWMutex) -> bool:
    """Nobody holds it and nobody waits: it can be had again and again."""
    for _ in range(2):
        if not lock.try_lock():
            return False
        lock.unlock()
    with lock:
        return not lock.try_lock()


class Waiter:
    """A goroutine that takes a lock, notes it, and keeps it until it is told."""

    def __init__(self, lock: Callable[[], None], unlock: Callable[[], None], reason: str) -> None:
        self.lock, self.unlock = lock, unlock
        self.state = "waits"
        self.let_go: Chan[None] = Chan()
        self.ended = WaitGroup()
        before = sum(g.wait_reason == reason for g in runtime.goroutines())
        self.ended.go(self.run)
        wait_until(reason, before + 1)

    def run(self) -> None:
        self.g = scheduler.current()
        try:
            self.lock()
        except Stop:
            self.state = "stopped"
            return
        self.state = "holds"
        try:
            self.let_go.recv()
        except Stop:
            self.state = "stopped"
        self.unlock()

    def interrupt(self) -> None:
        scheduler.interrupt(self.g, Stop())

    def end(self) -> None:
        self.let_go.close()
        self.ended.wait()


def settle(*waiters: Waiter) -> list[str]:
    for _ in range(8):
        runtime.gosched()
    return [waiter.state for waiter in waiters]


def writer(lock: Mutex | RWMutex) -> Waiter:
    return Waiter(lock.lock, lock.unlock, f"sync.{type(lock).__name__}.Lock")


def reader(lock: RWMutex) -> Waiter:
    return Waiter(lock.rlock, lock.runlock, "sync.RWMutex.RLock")


@both
def test_a_lock_that_was_tried(kind: Kind) -> None:
    lock = kind()
    assert lock.try_lock()
    assert not lock.try_lock()
    assert repr(lock) == f"<{kind.__name__} locked>"
    lock.unlock()
    assert repr(lock) == f"<{kind.__name__} unlocked>"
    assert is_free(lock)


@both
def test_what_is_not_held_can_be_used_after_it_was_let_go_all_the_same(kind: Kind) -> None:
    lock = kind()
    with pytest.raises(FatalError):
        lock.unlock()
    assert is_free(lock)


@both
def test_one_that_is_interrupted_leaves_and_may_wait_again(kind: Kind) -> None:
    def main() -> None:
        lock = kind()
        lock.lock()
        first, second = writer(lock), writer(lock)
        first.interrupt()
        assert settle(first, second) == ["stopped", "waits"]
        third = writer(lock)
        lock.unlock()
        assert settle(second, third) == ["holds", "waits"]
        second.end()
        assert settle(third) == ["holds"]
        third.end()
        assert is_free(lock)

    gofer.run(main)


@both
def test_the_same_goroutine_is_interrupted_and_waits_again(kind: Kind) -> None:
    def main() -> list[str]:
        lock, seen = kind(), []
        lock.lock()
        here: list[Any] = []

        def body() -> None:
            here.append(scheduler.current())
            for _ in range(3):
                try:
                    lock.lock()
                except Stop:
                    seen.append("stopped")
            seen.append("locked")
            lock.unlock()

        ended = WaitGroup()
        ended.go(body)
        for _ in range(2):
            wait_until(f"sync.{kind.__name__}.Lock", 1)
            scheduler.interrupt(here[0], Stop())
            runtime.gosched()
        wait_until(f"sync.{kind.__name__}.Lock", 1)
        lock.unlock()
        ended.wait()
        assert is_free(lock)
        return seen

    assert gofer.run(main) == ["stopped", "stopped", "locked"]


@both
@pytest.mark.parametrize("interrupted_first", [True, False])
def test_one_that_is_interrupted_as_it_is_served_gives_the_lock_on(kind: Kind, interrupted_first: bool) -> None:
    def main() -> None:
        lock = kind()
        lock.lock()
        first, second = writer(lock), writer(lock)
        if interrupted_first:
            first.interrupt()
            lock.unlock()
        else:
            lock.unlock()
            first.interrupt()
        settle()
        assert first.state != "waits"
        first.end()
        assert settle(second) == ["holds"]
        second.end()
        assert is_free(lock)

    gofer.run(main)


@pytest.mark.parametrize("interrupted_first", [True, False])
def test_a_reader_that_is_interrupted_as_it_is_let_in(interrupted_first: bool) -> None:
    def main() -> None:
        rw = RWMutex()
        rw.lock()
        first, second = reader(rw), reader(rw)
        if interrupted_first:
            first.interrupt()
            rw.unlock()
        else:
            rw.unlock()
            first.interrupt()
        settle()
        assert first.state != "waits"
        assert second.state == "holds"
        assert not rw.try_lock()
        first.end()
        assert not rw.try_lock()
        second.end()
        assert is_free(rw)

    gofer.run(main)


def test_writers_that_are_interrupted_let_readers_in_when_the_last_of_them_leaves() -> None:
    def main() -> None:
        rw = RWMutex()
        rw.rlock()
        first, second, late = writer(rw), writer(rw), reader(rw)
        first.interrupt()
        assert settle(first, second, late) == ["stopped", "waits", "waits"]
        assert not rw.try_rlock()
        second.interrupt()
        assert settle(second, late) == ["stopped", "holds"]
        assert rw.try_rlock()
        for _ in range(2):
            rw.runlock()
        assert not rw.try_lock()
        late.end()
        assert is_free(rw)

    gofer.run(main)


def test_a_writer_that_is_interrupted_while_another_writes_lets_nobody_in() -> None:
    def main() -> None:
        rw = RWMutex()
        rw.lock()
        first, late = writer(rw), reader(rw)
        first.interrupt()
        assert settle(first, late) == ["stopped", "waits"]
        rw.unlock()
        assert settle(late) == ["holds"]
        late.end()
        assert is_free(rw)

    gofer.run(main)


def test_readers_are_counted() -> None:
    def main() -> None:
        rw = RWMutex()
        for n in range(3):
            assert rw.try_rlock()
            assert repr(rw) == f"<RWMutex {n + 1} reading>"
        waiting = writer(rw)
        for _ in range(2):
            rw.runlock()
            assert settle(waiting) == ["waits"]
        rw.runlock()
        assert settle(waiting) == ["holds"]
        assert repr(rw.reader) == "<RLocker of <RWMutex locked>>"
        waiting.end()
        assert is_free(rw)
        with pytest.raises(FatalError):
            rw.runlock()
        assert is_free(rw)

    gofer.run(main)


@pytest.mark.skipif(not UNCOMPILED, reason="compiled, nobody can come in between")
@pytest.mark.parametrize("take", ["lock", "read-lock"])
@both
def test_the_holder_lets_go_between_the_look_and_the_wait(
    kind: Kind, take: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind is Mutex and take == "read-lock":
        pytest.skip("a Mutex has no readers")

    def main() -> int:
        lock: Any = kind()
        lock.lock()
        current = scheduler.current

        def unlocking() -> Any:
            monkeypatch.setattr(scheduler, "current", current)
            lock.unlock()
            return current()

        monkeypatch.setattr(scheduler, "current", unlocking)
        (lock.rlock if take == "read-lock" else lock.lock)()
        assert not lock.try_lock()
        (lock.runlock if take == "read-lock" else lock.unlock)()
        assert is_free(lock)
        return waits_as_ever()

    assert gofer.run(main) == 5


def waits_as_ever() -> int:
    """An interruption now is not taken for one of a wait, and the next wait ends when it is served: 5."""
    scheduler.interrupt(scheduler.current(), Stop())
    with pytest.raises(Stop):
        runtime.gosched()
    numbers: Chan[int] = Chan()

    def late() -> None:
        for _ in range(5):
            runtime.gosched()
        numbers.send(5)

    go(late)
    return numbers.recv()


def done_future() -> Future[int]:
    future: Future[int] = Future()
    future.set_result(3)
    return future


WITHOUT_A_WAIT: dict[str, Callable[[], object]] = {
    "Mutex.lock": lambda: Mutex().lock(),
    "RWMutex.lock": lambda: RWMutex().lock(),
    "RWMutex.rlock": lambda: RWMutex().rlock(),
    "WaitGroup.wait": lambda: WaitGroup().wait(),
    "Once.do": lambda: Once().do(int),
    "Chan.send": lambda: Chan[int](1).send(1),
    "select": lambda: select(send(Chan(1), 1), recv(Chan())),
    "wait": lambda: gofer.wait(done_future()),
    "Executor": lambda: gofer.Executor().shutdown(),
    "Weighted.acquire": lambda: semaphore.Weighted(1).acquire(context.background()),
    "sleep": lambda: time.sleep(0),
}


@pytest.mark.parametrize("name", WITHOUT_A_WAIT)
def test_what_does_not_wait_leaves_nothing_behind(name: str) -> None:
    def main() -> int:
        WITHOUT_A_WAIT[name]()
        return waits_as_ever()

    assert gofer.run(main) == 5
