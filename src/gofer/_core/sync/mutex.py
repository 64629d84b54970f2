"""Mutex. `gate` protects `held` and the queue. `unlock` hands the mutex to the first waiter, so it is first come first
served and never free while somebody waits.

Who finds it held and nobody waiting spins for a moment before it waits, where other threads run at the same time (not
beside the GIL): a hand-over to a goroutine that has parked costs a microsecond or two, in which nobody holds it, and
then the one that has unlocked it must wait in its turn. Nobody that waits is overtaken: it is not free then.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import borrow, guard, reasons, spin
from gofer._core.machine.borrow import Size
from gofer._core.machine.errors import FatalError
from gofer._core.machine.hooks import HOOKS
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.sched import borrowed, goroutine, scheduler
from gofer._core.sched.goroutine import Goroutine, Waiter
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.waitqueue import WaitQueue

LONGEST_SPIN = 5_000  # ns; longer than a hand-over to one that has parked, else there is one for each lock


class Mutex(Uncopyable):
    """A mutual exclusion lock; not reentrant; any goroutine may unlock it. Go: `sync.Mutex`. Must not be copied.

    The n-th `unlock` happens before the m-th `lock` returns, n < m. A context manager that locks and unlocks.

    >>> m = Mutex()
    >>> with m:
    ...     m.locked()
    True
    """

    def __init__(self) -> None:
        self.gate = guard.make()
        self.held = False
        self.waiters = WaitQueue()
        self.clock: Any = None

    def lock(self) -> None:
        """Blocks until nobody holds it, first come first served. Go: `Mutex.Lock`."""
        if HOOKS.on:
            HOOKS.step()
        guard.lock(self.gate)
        if self.held:
            guard.unlock(self.gate)
            g: Goroutine = scheduler.current()
            if spin.POSSIBLE and not self.waiters.head and RUNTIME.may_spin(g):
                spin.while_set(self.held, self.waiters.head, LONGEST_SPIN)
            self.wait(g, reasons.MUTEX_LOCK)
        else:
            self.held = True
            guard.unlock(self.gate)
        if HOOKS.on:
            HOOKS.tool.acquire(self.clock)

    def wait(self, g: Goroutine, reason: Size) -> None:
        w: Waiter = goroutine.waiter_of(g)
        guard.lock(self.gate)
        if not self.held:
            self.held = True
            guard.unlock(self.gate)
            scheduler.disarm(g)
            return
        self.waiters.push(w)
        guard.unlock(self.gate)
        if scheduler.park(g, reason, borrow.of(self)):
            guard.lock(self.gate)
            self.waiters.remove(w)
            guard.unlock(self.gate)
            scheduler.raise_pending(g)

    def try_lock(self) -> bool:
        """Locks it if nobody holds it; whether it did. Never blocks; no edge when it fails. Go: `TryLock`."""
        if HOOKS.on:
            HOOKS.step()
        guard.lock(self.gate)
        if self.held:
            guard.unlock(self.gate)
            return False
        self.held = True
        guard.unlock(self.gate)
        if HOOKS.on:
            HOOKS.tool.acquire(self.clock)
        return True

    def unlock(self) -> None:
        """Lets it go, to the first who waits; never blocks. Go: `Mutex.Unlock`.

        Raises `FatalError("sync: unlock of unlocked mutex")` when nobody holds it.
        """
        if HOOKS.on and self.held:
            self.clock = HOOKS.tool.snapshot()
        guard.lock(self.gate)
        if not self.held:
            guard.unlock(self.gate)
            raise FatalError("sync: unlock of unlocked mutex")
        if self.waiters.head:
            w: Waiter = self.waiters.pop()
            if w is not None:
                guard.unlock(self.gate)
                scheduler.ready(borrowed.goroutine(w.goroutine))
                return
        self.held = False
        guard.unlock(self.gate)

    def locked(self) -> bool:
        """True if somebody holds it now. No twin in Go."""
        if HOOKS.on:
            HOOKS.step()
        return self.held

    def __enter__(self) -> None:
        self.lock()

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self.unlock()

    def __repr__(self) -> str:
        return f"<Mutex {'locked' if self.held else 'unlocked'}>"
