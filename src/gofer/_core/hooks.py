"""Where the race detector attaches to the core.

Each operation of the core that makes a happens-before edge looks at `HOOKS.on`, one load and one predictable branch,
and calls `HOOKS.tool` where it is true. The tool is called outside every guard, by the goroutine or thread that acts:

- `snapshot()`: a release; the actor's clock as it is, to be kept in the synchronisation object,
- `acquire(clock)`: the actor has seen what was released with `clock` (`None`: nothing),
- `merge(a, b)`: the join of two clocks, either of which may be `None`,
- `fork(goroutine)`: the actor creates it; `begin(goroutine)`, `end(goroutine)`: it starts, it has finished,
- `read(object, key)`, `write(object, key)`: an access to an object of the core that takes part in races.
"""

from __future__ import annotations

from typing import Any


class Hooks:
    """The one switch; `HOOKS` is the one instance."""

    def __init__(self) -> None:
        self.on = False
        self.tool: Any = None

    def attach(self, tool: Any) -> None:
        """Has the core report to `tool` from now on."""
        self.tool = tool
        self.on = True

    def detach(self) -> None:
        """Nothing is reported any more; the tool stays, for operations that are under way in other threads."""
        self.on = False


HOOKS = Hooks()
