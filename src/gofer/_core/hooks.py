"""Where the race detector attaches to the core.

Each operation of the core that makes a happens-before edge looks at `HOOKS.on`, one load and one predictable branch,
and calls `HOOKS.tool` where it is true. The tool is called outside every guard, by the goroutine or thread that acts.
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

    def attach(self, tool: Tool) -> None:
        """Has the core report to `tool` from now on."""
        self.tool = tool
        self.on = True

    def detach(self) -> None:
        """Nothing is reported any more; the tool stays, for operations that are under way in other threads."""
        self.on = False

    def snapshot(self) -> Any:
        """The tool's, for modules that are not compiled, which cannot call it."""
        return self.tool.snapshot()

    def acquire(self, clock: Any) -> None:
        """The tool's, for modules that are not compiled."""
        self.tool.acquire(clock)


HOOKS = Hooks()
