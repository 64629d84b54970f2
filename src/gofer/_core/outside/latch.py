"""A latch: one goroutine or foreign thread waits, once, for something that happens outside of the core.

`gate` protects `state` and the queue. A latch is used for one wait and never again, so that whoever opens it late (a
future's callback, a timer that another worker has taken out already) cannot wake its goroutine from a later wait.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import borrow, guard
from gofer._core.machine.borrow import Size
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import borrowed, goroutine, hub, scheduler
from gofer._core.sched.goroutine import Goroutine, Waiter
from gofer._core.sched.timers import TIMERS, Deadline
from gofer._core.sched.waitqueue import WaitQueue

SHUT = 0
OPEN = 1
OVER = 2  # the time is up, or the goroutine was interrupted
NO_TIMEOUT = -1.0


class Latch(Deadline):
    """Opened at most once, by anybody; also the timer of its own timeout."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = guard.make()
        self.state = SHUT
        self.waiters = WaitQueue()
        self.clock: Any = None

    def open(self) -> None:
        """Releases who waits, or will. Never blocks. Happens before the `wait` that it releases."""
        if HOOKS.on:
            self.clock = HOOKS.tool.snapshot()
        self.release(OPEN)

    def fire(self, now: float) -> None:
        self.release(OVER)

    def release(self, state: Size) -> None:
        w: Waiter | None = None
        guard.lock(self.gate)
        if self.state == SHUT:
            self.state = state
            if self.waiters.head:
                w = self.waiters.pop()
        guard.unlock(self.gate)
        if w is not None:
            served: Waiter = w
            scheduler.ready(borrowed.goroutine(served.goroutine))

    def wait(self, reason: Size, on: Any, timeout: float) -> bool:
        """Parks until it is open; false when `timeout` seconds have passed first (negative: no limit).

        In a foreign thread it blocks that, and there it must have no timeout: nobody may be there to fire timers.
        """
        g: Goroutine = scheduler.current()
        w: Waiter = goroutine.waiter_of(g)
        guard.lock(self.gate)
        if self.state != SHUT:
            guard.unlock(self.gate)
            scheduler.disarm(g)
        else:
            self.waiters.push(w)
            guard.unlock(self.gate)
            if timeout >= 0.0 and TIMERS.start(self, TIMERS.now() + timeout):
                hub.keep_time()
            interrupted = scheduler.park(g, reason, borrow.of(on))
            if timeout >= 0.0:
                TIMERS.stop(self)
            if interrupted:
                guard.lock(self.gate)
                self.waiters.remove(w)
                if self.state == SHUT:
                    self.state = OVER
                guard.unlock(self.gate)
                scheduler.raise_pending(g)
        if self.state != OPEN:
            return False
        if HOOKS.on:
            HOOKS.tool.acquire(self.clock)
        return True


def in_goroutine() -> bool:
    """True if the caller can be parked; false in a foreign thread, which blocks instead."""
    g: Goroutine = scheduler.current()
    return True if g.worker else g.thread_lock is None  # on a hub neither: parking refuses there
