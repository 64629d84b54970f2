"""WaitGroup. `gate` protects the counter and the queue; the queue is empty whenever the counter is zero.

Go's misuse "Add called concurrently with Wait" is a torn state of its lock-free counter: waiters beside a counter of
zero. Here it is false by the invariant above.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import borrow, guard, reasons
from gofer._core.machine.borrow import Size
from gofer._core.machine.errors import Goexit, WaitGroupError
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import carriers, goroutine, scheduler, spawn, waking
from gofer._core.sched.goroutine import Goroutine, Waiter
from gofer._core.sched.waitqueue import WaitQueue
from gofer._core.sync.edges import Edges


class WaitGroup(Edges):
    """Waits for goroutines to finish. Go: `sync.WaitGroup`. Must not be copied.

    `done` happens before the return of the `wait` that it releases. Go's misuse `Add called concurrently with Wait`
    does not arise: counter and waiters change in one step here, so an `add` finds no waiter where the counter is zero.

    >>> heard = []
    >>> wg = WaitGroup()
    >>> wg.go(heard.append, "hey")
    >>> wg.wait()
    >>> heard
    ['hey']
    """

    def __init__(self) -> None:
        self.gate = guard.make()
        self.counter = 0
        self.waiters = WaitQueue()
        self.open_edges()

    def add(self, delta: Size = 1) -> None:
        """Adds `delta` (which may be negative) to the counter; at zero all waiters are released. Never blocks.

        Go: `WaitGroup.Add`.

        Raises `WaitGroupError` when the counter would become negative. An `add` from zero must happen before `wait`.
        """
        self.change(delta)

    def done(self) -> None:
        """`add(-1)`. Go: `WaitGroup.Done`."""
        self.change(-1)

    def change(self, delta: Size) -> None:
        if HOOKS.on:
            self._trace(delta)
        woken = borrow.NOTHING
        guard.lock(self.gate)
        counter = self.counter + delta
        if counter < 0:
            guard.unlock(self.gate)
            raise WaitGroupError("sync: negative WaitGroup counter")
        self.counter = counter
        while counter == 0 and self.waiters.head:
            w: Waiter = self.waiters.pop()
            if w is not None:
                woken = waking.add(woken, w)
        guard.unlock(self.gate)
        waking.ready_all(woken)

    def _trace(self, delta: Size) -> None:
        if delta > 0 and self.counter == 0:
            HOOKS.tool.read(self, "add")
        if delta < 0:
            self.release()

    def wait(self) -> None:
        """Blocks until the counter is zero. Go: `WaitGroup.Wait`.

        Raises `WaitGroupError("sync: WaitGroup is reused before previous Wait has returned")` where somebody has used
        the group again between the moment at which the counter was zero and the one at which this `wait` goes on.
        """
        g: Goroutine = scheduler.current()
        w: Waiter = goroutine.waiter_of(g)
        guard.lock(self.gate)
        if self.counter == 0:
            guard.unlock(self.gate)
            scheduler.disarm(g)
        else:
            self.waiters.push(w)
            guard.unlock(self.gate)
            if scheduler.park(g, reasons.WAITGROUP_WAIT, borrow.of(self)):
                guard.lock(self.gate)
                self.waiters.remove(w)
                guard.unlock(self.gate)
                scheduler.raise_pending(g)
            guard.lock(self.gate)
            reused = self.counter != 0
            guard.unlock(self.gate)
            if reused:
                raise WaitGroupError("sync: WaitGroup is reused before previous Wait has returned")
        if HOOKS.on:
            HOOKS.tool.write(self, "add")
            self.acquire()

    def go(self, fn: Any, /, *args: Any, **kwargs: Any) -> None:
        """`add(1)`, then `fn(*args, **kwargs)` in a new goroutine, then `done()`. Go: `WaitGroup.Go`.

        Raises TypeError when `fn` cannot be called. When `fn` raises, the goroutine panics as any other.
        """
        if not callable(fn):
            raise TypeError(f"WaitGroup.go: {fn!r} is not callable")
        self.change(1)
        spawn.go(_counted, (self, fn, args, kwargs), None)

    def __repr__(self) -> str:
        return f"<WaitGroup {self.counter}>"


def _counted(group: Any, fn: Any, args: Any, kwargs: Any) -> None:
    """`done` is not called before a panic has been reported: whoever waits could end the program with status 0."""
    try:
        fn(*args, **kwargs)
    except Goexit:
        group.done()
        raise
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        carriers.fail(error)
    group.done()
