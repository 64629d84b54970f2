"""Choices: what may come in any order. Which runnable goroutine runs next, which of several ready cases a select takes,
how often a goroutine that polls looks before it gives way: all of it is asked here.

By default goroutines run first come, first served, and a case is drawn by chance. Under a seed everything is drawn from
that, so that a run repeats.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import chance
from gofer._core.machine.borrow import Size


class Choice:
    """`CHOICE` is the one instance. `decides`: `runnable` says which goroutine runs next; else nobody asks."""

    def __init__(self) -> None:
        self.decides = False
        self.rng: Any = None

    def follow(self, rng: Any) -> None:
        """Draws everything from `rng`, a `random.Random`, from now on."""
        self.rng = rng
        self.decides = True

    def runnable(self, count: Size) -> Size:
        """Which of `count` goroutines runs next. All of it is C (as `randrange` is not): the collector must not run."""
        return int(self.rng.random() * count)

    def case(self, count: Size) -> Size:
        """Which of `count` ready cases is taken, or any other number from 0 to `count` - 1 that a select needs."""
        if self.decides:
            drawn: int = self.rng.randrange(count)
            return drawn
        return chance.below(count)

    def steps(self, most: Size) -> Size:
        """How often a goroutine may look before it gives way: 1 to `most`."""
        return 1 + int(self.rng.randrange(most))


CHOICE = Choice()
