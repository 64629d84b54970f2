"""Where the race detector and a seed attach to the core.

Each operation of the core that makes a happens-before edge looks at `HOOKS.on`, one load and one predictable branch,
and calls `HOOKS.tool` where it is true. The tool is called outside every guard, by the goroutine or thread that acts.
With a seed `on` is true as well, and the operations with which a goroutine can wait by looking again and again call
`HOOKS.step` when they begin, or when they have only looked.
"""

from __future__ import annotations

from typing import Any


class Tool:
    """What is called; this one does nothing. Compiled, these are C functions that a compiled class overrides."""

    def snapshot(self) -> Any:
        """A release; the actor's clock as it is, to be kept in the synchronisation object."""
        return None

    def acquire(self, clock: Any) -> None:
        """The actor has seen what was released with `clock` (None: nothing)."""

    def merge(self, a: Any, b: Any) -> Any:
        """The join of two clocks, either of which may be None."""
        return None

    def fork(self, g: Any) -> None:
        """The actor creates a goroutine."""

    def leave(self) -> Any:
        """A release, and where the actor is: for `fork_from`."""
        return None

    def fork_from(self, g: Any, start: Any, clock: Any) -> None:
        """Whoever called `leave` and got `start` has created a goroutine then; it begins after `clock`, too."""

    def begin(self, g: Any) -> None:
        """A goroutine starts."""

    def end(self, g: Any) -> None:
        """A goroutine has finished."""

    def read(self, target: Any, key: Any) -> None:
        """A read of an object of the core that takes part in races."""

    def write(self, target: Any, key: Any) -> None:
        """A write of one."""


class Hooks:
    """The one switch; `HOOKS` is the one instance."""

    def __init__(self) -> None:
        self.on = False
        self.tool = Tool()
        self.stepper: Any = None

    def attach(self, tool: Tool) -> None:
        """Has the core report to `tool` from now on."""
        self.tool = tool
        self.on = True

    def detach(self) -> None:
        """Nothing is reported any more; the tool stays, for operations that are under way in other threads."""
        self.on = self.stepper is not None

    def pace(self, stepper: Any) -> None:
        """Has `stepper()` called for each step from now on."""
        self.stepper = stepper
        self.on = True

    def step(self) -> None:
        """The goroutine takes a step: with a seed others may run now. May raise what interrupts it."""
        if self.stepper is not None:
            self.stepper()

    def snapshot(self) -> Any:
        """The tool's, for modules that are not compiled, which cannot call it."""
        return self.tool.snapshot()

    def acquire(self, clock: Any) -> None:
        """The tool's, for modules that are not compiled."""
        self.tool.acquire(clock)


HOOKS = Hooks()
