"""Cond. `gate` protects the queue and its waiters.

A `wait` enters the queue, lets the lock go, and only then parks. The lock is anybody's code, which may itself park the
goroutine, so until then its waiter is in the queue without the goroutine being armed: `ok` says that it is. A signal
that comes before marks the waiter `served`, and the goroutine does not park at all.
"""

from __future__ import annotations

from types import GenericAlias
from typing import Any

from gofer._core.machine import borrow, guard, reasons
from gofer._core.machine.errors import FatalError
from gofer._core.machine.hooks import HOOKS
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.sched import borrowed, goroutine, mail, scheduler, waking
from gofer._core.sched.goroutine import Goroutine, Waiter
from gofer._core.sched.waitqueue import WaitQueue


class Cond(Uncopyable):
    """Where goroutines wait until something that a lock protects has changed. Go: `sync.Cond`. Must not be copied.

    `lock` is a `Locker`: a Mutex, an RWMutex or its `reader`, or anything with `lock()` and `unlock()`; TypeError where
    it is not. `signal` and `broadcast` happen before the return of the `wait` that they wake.

    >>> import gofer
    >>> from gofer.sync import Mutex
    >>> ready = []
    >>> cond = Cond(Mutex())
    >>> def prepare():
    ...     with cond.lock:
    ...         ready.append("ready")
    ...         cond.signal()
    >>> gofer.go(prepare)
    >>> with cond.lock:
    ...     cond.wait_for(lambda: ready)
    ['ready']
    """

    def __init__(self, lock: Any) -> None:
        for method in ("lock", "unlock"):
            if not callable(getattr(lock, method, None)):
                raise TypeError(f"Cond: a Locker is needed, but {type(lock).__name__} has no {method}()")
        self.lock = lock
        self.gate = guard.make()
        self.waiters = WaitQueue()

    def wait(self) -> None:
        """Lets `lock` go, which the caller holds, blocks until woken, and locks it again. Go: `Cond.Wait`.

        Others may run between the signal and the return, so call it in a loop that looks again, or use `wait_for`.
        """
        g: Goroutine = scheduler.current()
        w: Waiter = goroutine.new_waiter(g)
        guard.lock(self.gate)
        self.waiters.push(w)
        guard.unlock(self.gate)
        try:
            self.lock.unlock()
        except BaseException:
            self.leave(w)
            raise
        try:
            self.park(g, w)
        finally:
            self.relock(g, w)
        if HOOKS.on:
            HOOKS.tool.acquire(w.clock)

    def relock(self, g: Goroutine, w: Waiter) -> None:
        """Being interrupted, however often, does not keep it from holding the lock, which the caller will let go."""
        errors: list[BaseException] = []
        locked = False
        while not locked:
            try:
                self.lock.lock()
                locked = True
            except FatalError:
                raise
            except BaseException as error:
                if errors and not mail.has_brought(g, error):
                    raise  # the lock is broken
                errors.append(error)
        if errors:
            self.leave(w)
            for later in errors[1:]:
                mail.post(g, later)
            raise errors[0]

    def park(self, g: Goroutine, w: Waiter) -> None:
        guard.lock(self.gate)
        if w.served:
            guard.unlock(self.gate)
            return
        w.ok = True
        guard.pin()
        g.arm()
        guard.unlock(self.gate)
        if scheduler.park(g, reasons.COND_WAIT, borrow.of(self)):
            self.leave(w)
            scheduler.raise_pending(g)

    def leave(self, w: Waiter) -> None:
        """Waits no more; a signal that it has had goes to the next."""
        guard.lock(self.gate)
        self.waiters.remove(w)
        served = w.served
        w.served = False
        guard.unlock(self.gate)
        if served:
            self.signal()

    def wait_for(self, predicate: Any) -> Any:
        """Waits until `predicate()`, called with `lock` held, is true, and returns what it returned. No twin in Go."""
        if not callable(predicate):
            raise TypeError(f"Cond.wait_for: {predicate!r} is not callable")
        while True:
            found = predicate()
            if found:
                return found
            self.wait()

    def signal(self) -> None:
        """Wakes the goroutine that has waited longest, if any does; `lock` need not be held. Go: `Cond.Signal`."""
        self.wake(False)

    def broadcast(self) -> None:
        """Wakes every goroutine that waits; `lock` need not be held. Go: `Cond.Broadcast`."""
        self.wake(True)

    def wake(self, everybody: bool) -> None:
        clock = HOOKS.tool.snapshot() if HOOKS.on else None
        woken = borrow.NOTHING
        guard.lock(self.gate)
        while self.waiters.head:
            w: Waiter = borrowed.waiter(self.waiters.head)
            self.waiters.unlink(w)
            if w.ok:
                g: Goroutine = borrowed.goroutine(w.goroutine)
                if not g.claim():
                    continue
                woken = waking.add(woken, w)
            w.served = True
            w.clock = clock
            if not everybody:
                break
        guard.unlock(self.gate)
        waking.ready_all(woken)

    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        return GenericAlias(cls, item)

    def __repr__(self) -> str:
        return f"<Cond on {self.lock!r}>"
