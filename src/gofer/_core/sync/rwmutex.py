"""RWMutex. `gate` protects everything but the clocks. What holds whenever it is open:

- `writing`, or `readers` > 0, or nobody holds it;
- readers wait only while somebody writes or a writer waits, writers only while somebody holds it. (A waiter that has
  been interrupted is in its queue until it takes itself out, and then lets in whom it kept waiting.)

A writer that lets go lets in all the readers that wait, the last reader the first writer: neither starves.

Happens-before: `clock` is the last writer's, and belongs to who holds the lock; `Edges` has the readers'.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import borrow, guard, reasons
from gofer._core.machine.errors import FatalError
from gofer._core.machine.hooks import HOOKS
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.sched import goroutine, scheduler, waking
from gofer._core.sched.goroutine import Goroutine, Waiter
from gofer._core.sched.waitqueue import WaitQueue
from gofer._core.sync.edges import Edges


class RWMutex(Edges):
    """A lock that any number of readers or one writer hold. Go: `sync.RWMutex`. Must not be copied.

    A writer that waits keeps new readers out, so a goroutine must not read-lock twice. As a context manager it is the
    writer's lock, its `reader` the readers'.

    The n-th `unlock` happens before every later `lock` and `rlock` returns; a `runlock` before the next `lock` returns.

    >>> rw = RWMutex()
    >>> with rw.reader:
    ...     rw.try_lock(), rw.try_rlock()
    (False, True)
    """

    def __init__(self) -> None:
        self.open_edges()
        self.gate = guard.make()
        self.writing = False
        self.readers = 0
        self.waiting_readers = WaitQueue()
        self.waiting_writers = WaitQueue()
        self.writer_clock: Any = None

    def lock(self) -> None:
        """Blocks until nobody else holds it in either way. Go: `RWMutex.Lock`."""
        if HOOKS.on:
            HOOKS.step()
        g: Goroutine = scheduler.current()
        w: Waiter = goroutine.waiter_of(g)
        guard.lock(self.gate)
        if self.writing or self.readers:
            self.waiting_writers.push(w)
            guard.unlock(self.gate)
            if scheduler.park(g, reasons.RWMUTEX_LOCK, borrow.of(self)):
                self.give_up(self.waiting_writers, w, True)
                scheduler.raise_pending(g)
        else:
            self.writing = True
            guard.unlock(self.gate)
            scheduler.disarm(g)
        if HOOKS.on:
            self.acquire_both()

    def try_lock(self) -> bool:
        """As `lock` if that is possible now; whether it was. Never blocks; no edge when it fails. Go: `TryLock`."""
        if HOOKS.on:
            HOOKS.step()
        guard.lock(self.gate)
        taken = not self.writing and self.readers == 0
        if taken:
            self.writing = True
        guard.unlock(self.gate)
        if taken and HOOKS.on:
            self.acquire_both()
        return taken

    def acquire_both(self) -> None:
        HOOKS.tool.acquire(self.writer_clock)
        self.acquire()

    def unlock(self) -> None:
        """Lets it go, to all the readers that wait, or else to the first writer that does. Go: `RWMutex.Unlock`.

        Raises `FatalError("sync: Unlock of unlocked RWMutex")` when nobody has locked it for writing. Never blocks.
        """
        if HOOKS.on and self.writing:
            self.writer_clock = HOOKS.tool.snapshot()
        guard.lock(self.gate)
        if not self.writing:
            guard.unlock(self.gate)
            raise FatalError("sync: Unlock of unlocked RWMutex")
        self.writing = False
        woken = self.admit_readers()
        if not woken:
            woken = self.admit_writer()
        guard.unlock(self.gate)
        waking.ready_all(woken)

    def rlock(self) -> None:
        """Blocks while a writer holds it or waits for it. Go: `RWMutex.RLock`."""
        if HOOKS.on:
            HOOKS.step()
        guard.lock(self.gate)
        if self.writing or self.waiting_writers.head:
            guard.unlock(self.gate)
            self.wait_to_read(scheduler.current())
        else:
            self.readers += 1
            guard.unlock(self.gate)
        if HOOKS.on:
            HOOKS.tool.acquire(self.writer_clock)

    def wait_to_read(self, g: Goroutine) -> None:
        w: Waiter = goroutine.waiter_of(g)
        guard.lock(self.gate)
        if self.writing or self.waiting_writers.head:
            self.waiting_readers.push(w)
            guard.unlock(self.gate)
            if scheduler.park(g, reasons.RWMUTEX_RLOCK, borrow.of(self)):
                self.give_up(self.waiting_readers, w, False)
                scheduler.raise_pending(g)
            return
        self.readers += 1
        guard.unlock(self.gate)
        scheduler.disarm(g)

    def try_rlock(self) -> bool:
        """As `rlock` if that is possible now; whether it was. Never blocks; no edge when it fails. Go: `TryRLock`."""
        if HOOKS.on:
            HOOKS.step()
        guard.lock(self.gate)
        taken = not (self.writing or self.waiting_writers.head)
        if taken:
            self.readers += 1
        guard.unlock(self.gate)
        if taken and HOOKS.on:
            HOOKS.tool.acquire(self.writer_clock)
        return taken

    def runlock(self) -> None:
        """Undoes one `rlock`; the last reader lets the first writer in. Go: `RWMutex.RUnlock`.

        Raises `FatalError("sync: RUnlock of unlocked RWMutex")` when nobody has locked it for reading. Never blocks.
        """
        if HOOKS.on and self.readers:
            self.release()
        guard.lock(self.gate)
        if self.readers == 0:
            guard.unlock(self.gate)
            raise FatalError("sync: RUnlock of unlocked RWMutex")
        self.readers -= 1
        if self.readers or not self.waiting_writers.head:
            guard.unlock(self.gate)
            return
        woken = self.admit_writer()
        if not woken:
            woken = self.admit_readers()
        guard.unlock(self.gate)
        waking.ready_all(woken)

    def admit_writer(self) -> Any:
        """In the guard, while nobody holds it: gives it to the first writer, who is to be woken."""
        woken = borrow.NOTHING
        if self.readers == 0 and self.waiting_writers.head:
            w: Waiter = self.waiting_writers.pop()
            if w is not None:
                self.writing = True
                woken = waking.add(woken, w)
        return woken

    def admit_readers(self) -> Any:
        """In the guard, while nobody writes: lets in every reader, all to be woken."""
        woken = borrow.NOTHING
        while self.waiting_readers.head:
            w: Waiter = self.waiting_readers.pop()
            if w is not None:
                self.readers += 1
                woken = waking.add(woken, w)
        return woken

    def give_up(self, queue: WaitQueue, w: Waiter, to_write: bool) -> None:
        """A waiter that has been interrupted goes; a writer lets in whom it kept waiting."""
        woken = borrow.NOTHING
        guard.lock(self.gate)
        queue.remove(w)
        if to_write and not self.writing and not self.waiting_writers.head:
            woken = self.admit_readers()
        guard.unlock(self.gate)
        waking.ready_all(woken)

    @property
    def reader(self) -> RLocker:
        """The readers' lock by itself: a `Locker` and a context manager. Go: `RWMutex.RLocker`."""
        return RLocker(self)

    def __enter__(self) -> None:
        self.lock()

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self.unlock()

    def __repr__(self) -> str:
        if self.writing:
            return "<RWMutex locked>"
        return f"<RWMutex {self.readers} reading>" if self.readers else "<RWMutex unlocked>"


class RLocker(Uncopyable):
    """The readers' side of an RWMutex: `lock` is its `rlock`, `unlock` its `runlock`. Go: `RWMutex.RLocker`."""

    def __init__(self, rw: RWMutex) -> None:
        self.rw = rw

    def lock(self) -> None:
        """As `RWMutex.rlock`."""
        self.rw.rlock()

    def unlock(self) -> None:
        """As `RWMutex.runlock`."""
        self.rw.runlock()

    def __enter__(self) -> None:
        self.rw.rlock()

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self.rw.runlock()

    def __repr__(self) -> str:
        return f"<RLocker of {self.rw!r}>"
