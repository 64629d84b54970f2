"""Who waits and is interrupted: served before, it has what it was given; else it has nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any

import pytest

import gofer
from gofer import Chan, context, go, recv, runtime, select, semaphore, send, wait
from gofer._core.sched import interrupts, scheduler
from gofer.sync import Cond, Mutex, RWMutex, WaitGroup
from tests.waiting import wait_until


class Stop(Exception):
    """What interrupts main."""


@pytest.fixture(autouse=True)
def one_worker() -> Iterator[None]:
    """On another worker than main's, it would be interrupted too late: it may run as soon as it is served."""
    before = runtime.gomaxprocs(1)
    yield
    runtime.gomaxprocs(before)


def interrupted_after(
    reason: str, serve: Callable[[], object] | None, operation: Callable[[], Any], gives_back: bool = False
) -> Any:
    """The result of an operation of the main goroutine, which is served, if it is, and then interrupted, before it runs
    again. Where it was served, it is interrupted where it waits next; but a receive is interrupted at once.
    """
    main = scheduler.current()

    def stop() -> None:
        wait_until(reason, 1)
        if serve is not None:
            serve()
        scheduler.interrupt(main, Stop())

    go(stop)
    if serve is None or gives_back:
        with pytest.raises(Stop):
            operation()
        return None
    result = operation()
    with pytest.raises(Stop):
        Chan[None]().recv()
    return result


def test_a_receive_gives_back_what_it_was_given() -> None:
    def main() -> None:
        for capacity in (0, 1):
            ch = Chan[str](capacity)
            ways = [("chan receive", ch.recv), ("chan receive", ch.recv_ok), ("chan receive", partial(next, ch))]
            ways.append(("select", partial(select, recv(ch), recv(Chan()))))
            for reason, operation in ways:
                interrupted_after(reason, partial(ch.send, "a"), operation, gives_back=True)
                assert select(recv(ch), default=True) == (0, "a", True)
                assert select(recv(ch), default=True).index == gofer.DEFAULT

    gofer.run(main)


def test_a_receive() -> None:
    def main() -> None:
        ch = Chan[str]()
        interrupted_after("chan receive", ch.close, ch.recv_ok, gives_back=True)
        assert ch.recv_ok() == (None, False)
        other = Chan[str]()
        interrupted_after("chan receive", None, other.recv)
        go(other.send, "d")
        assert other.recv() == "d"

    gofer.run(main)


def test_a_send() -> None:
    def main() -> None:
        ch = Chan[str]()
        got: list[str] = []
        interrupted_after("chan send", lambda: got.append(ch.recv()), lambda: ch.send("a"))
        assert got == ["a"]
        interrupted_after("chan send", None, lambda: ch.send("b"))
        assert select(recv(ch), default=True).index == gofer.DEFAULT
        full = Chan[str](1)
        full.send("first")
        interrupted_after("chan send", lambda: got.append(full.recv()), lambda: full.send("second"))
        assert (got, full.recv(), len(full)) == (["a", "first"], "second", 0)

    gofer.run(main)


def test_a_select() -> None:
    def main() -> None:
        a, b = Chan[str](), Chan[str]()
        got: list[str] = []
        cases = recv(a), recv(b), send(a, "z")
        interrupted_after("select", lambda: b.send("x"), lambda: select(*cases), gives_back=True)
        assert select(recv(b), default=True) == (0, "x", True)
        served = interrupted_after("select", lambda: got.append(a.recv()), lambda: select(recv(b), send(a, "y")))
        assert (served, got) == ((1, None, True), ["y"])
        interrupted_after("select", None, lambda: select(recv(b), send(a, "w"), recv(a)))
        assert select(recv(a), recv(b), default=True).index == gofer.DEFAULT
        interrupted_after("select", b.close, lambda: select(recv(a), recv(b)), gives_back=True)
        assert select(recv(a), recv(b)) == (1, None, False)

    gofer.run(main)


def test_a_mutex() -> None:
    def main() -> None:
        mutex = Mutex()
        mutex.lock()
        interrupted_after("sync.Mutex.Lock", mutex.unlock, mutex.lock)
        assert mutex.locked()
        interrupted_after("sync.Mutex.Lock", None, mutex.lock)
        mutex.unlock()
        assert mutex.try_lock()

    gofer.run(main)


def test_the_locks_of_a_rwmutex() -> None:
    def main() -> None:
        rw = RWMutex()
        rw.lock()
        interrupted_after("sync.RWMutex.Lock", rw.unlock, rw.lock)
        assert not rw.try_rlock()
        interrupted_after("sync.RWMutex.RLock", rw.unlock, rw.rlock)
        assert (rw.try_lock(), rw.try_rlock()) == (False, True)
        rw.runlock()
        interrupted_after("sync.RWMutex.Lock", None, rw.lock)
        rw.runlock()
        rw.lock()
        interrupted_after("sync.RWMutex.RLock", None, rw.rlock)
        rw.unlock()
        assert rw.try_lock()

    gofer.run(main)


@pytest.mark.parametrize("held", ["reading", "writing"])
def test_a_writer_that_gives_up_lets_in_only_whom_it_kept_waiting(held: str) -> None:
    def main() -> list[str]:
        rw = RWMutex()
        seen: list[str] = []
        me = scheduler.current()
        group = WaitGroup()

        def read() -> None:
            with rw.reader:
                seen.append("read")

        def stop() -> None:
            wait_until("sync.RWMutex.Lock", 1)
            for _ in range(3):
                group.go(read)
            wait_until("sync.RWMutex.RLock", 3)
            scheduler.interrupt(me, Stop())

        (rw.rlock if held == "reading" else rw.lock)()
        go(stop)
        with pytest.raises(Stop):
            rw.lock()
        if held == "reading":
            group.wait()
        else:
            runtime.gosched()
        seen.append("given up")
        (rw.runlock if held == "reading" else rw.unlock)()
        group.wait()
        assert rw.try_lock()
        return seen

    expected = ["read"] * 3
    assert gofer.run(main) == ([*expected, "given up"] if held == "reading" else ["given up", *expected])


def test_a_writer_that_gives_up_leaves_readers_to_the_writer_before_it() -> None:
    def main() -> list[str]:
        rw = RWMutex()
        seen: list[str] = []
        me = scheduler.current()
        group = WaitGroup()

        def work(lock: Any, what: str) -> None:
            with lock:
                seen.append(what)

        def stop() -> None:
            wait_until("sync.RWMutex.Lock", 2)
            group.go(work, rw.reader, "read")
            wait_until("sync.RWMutex.RLock", 1)
            scheduler.interrupt(me, Stop())

        rw.rlock()
        group.go(work, rw, "written")
        wait_until("sync.RWMutex.Lock", 1)
        go(stop)
        with pytest.raises(Stop):
            rw.lock()
        runtime.gosched()
        assert seen == []
        rw.runlock()
        group.wait()
        return seen

    assert gofer.run(main) == ["written", "read"]


def test_a_wait_for_a_group() -> None:
    def main() -> None:
        group = WaitGroup()
        group.add(1)
        interrupted_after("sync.WaitGroup.Wait", group.done, group.wait)
        group.add(1)
        interrupted_after("sync.WaitGroup.Wait", None, group.wait)
        group.done()
        group.wait()

    gofer.run(main)


def test_a_condition() -> None:
    def main() -> None:
        cond = Cond(Mutex())

        def tell() -> None:
            cond.signal()

        with cond.lock:
            interrupted_after("sync.Cond.Wait", tell, cond.wait)
            assert cond.lock.locked()
        with cond.lock:
            interrupted_after("sync.Cond.Wait", None, cond.wait)
            assert cond.lock.locked()
        assert cond.lock.try_lock()

    gofer.run(main)


def test_a_future() -> None:
    def main() -> None:
        future: Future[int] = Future()
        assert interrupted_after("future", lambda: future.set_result(1), lambda: wait(future)) == 1
        interrupted_after("future", None, lambda: wait(Future()))

    gofer.run(main)


def test_a_semaphore() -> None:
    def main() -> None:
        units = semaphore.Weighted(3)
        units.acquire(context.background(), 2)

        def acquire() -> None:
            units.acquire(context.background(), 3)

        interrupted_after("select", lambda: units.release(2), acquire, gives_back=True)
        assert units.try_acquire(3)
        units.release(2)
        interrupted_after("select", None, acquire)
        assert units.try_acquire(2)

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_a_sleep() -> None:
    def main() -> None:
        interrupted_after("sleep", None, lambda: gofer.time.sleep(5))

    gofer.run(main)


def test_one_that_runs_is_interrupted_where_it_would_wait() -> None:
    def main() -> None:
        ch = Chan[int](1)
        scheduler.interrupt(scheduler.current(), Stop())
        ch.send(1)
        assert ch.recv() == 1
        with pytest.raises(Stop):
            ch.recv()
        go(ch.send, 2)
        assert ch.recv() == 2

    gofer.run(main)


def test_each_round_of_signals_counts_from_the_start() -> None:
    """Else one that follows a long one would raise anywhere at once, also behind a call that has received a value."""
    urgency = interrupts.Urgency()
    urgency.round, urgency.seen, urgency.same = interrupts.IMPATIENT + 1, 1, interrupts.STUCK
    assert urgency.begin()
    assert (urgency.round, urgency.seen, urgency.same) == (0, -1, 0)
    urgency.round = 3
    assert not urgency.begin()  # there is one
    assert urgency.round == 3
