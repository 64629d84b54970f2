"""Happens-before edges of objects that several goroutines release at a time.

`clock_gate` protects `clock`, the join of the clocks of all who have released. What joins clocks is the tool's Python,
so it runs outside the guard, and again where another goroutine has released meanwhile: no release is lost. Both
methods are called only while `HOOKS.on`.

An operation releases before it takes effect and acquires after it has looked, so who sees an effect has also acquired
the release that belongs to it.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import guard
from gofer._core.machine.hooks import HOOKS
from gofer._core.machine.uncopyable import Uncopyable


class Edges(Uncopyable):
    """What its users have released so far."""

    def __init__(self) -> None:
        self.open_edges()

    def open_edges(self) -> None:
        """Nothing has been released; called by the constructors of the kinds."""
        self.clock_gate = guard.make()
        self.clock: Any = None

    def release(self) -> None:
        """What the caller did so far happens before what follows an `acquire`."""
        mine = HOOKS.tool.snapshot()
        while True:
            guard.lock(self.clock_gate)
            seen = self.clock
            guard.unlock(self.clock_gate)
            joined = HOOKS.tool.merge(seen, mine)
            guard.lock(self.clock_gate)
            unchanged = self.clock is seen
            if unchanged:
                self.clock = joined
            guard.unlock(self.clock_gate)
            if unchanged:
                return

    def acquire(self) -> None:
        """What was done before every `release` so far happens before what the caller does next."""
        guard.lock(self.clock_gate)
        clock = self.clock
        guard.unlock(self.clock_gate)
        HOOKS.tool.acquire(clock)
