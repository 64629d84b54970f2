"""Whether a history of overlapping operations can be explained by some order of them, one after the other.

A history is linearizable if every operation seems to take effect at one instant between its call and its return
(Herlihy and Wing, 1990). The search is Wing and Gong's, with what has been seen before remembered (Lowe, 2017).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any


@dataclass(frozen=True)
class Operation:
    """What was called, what came of it, and when, in a clock that orders only what does not overlap."""

    name: str
    args: tuple[Any, ...]
    result: Any
    called: int
    returned: int


class Recorder:
    """The history of one object."""

    def __init__(self) -> None:
        self._clock = count()
        self._lock = threading.Lock()
        self._operations: list[Operation] = []

    def _now(self) -> int:
        with self._lock:
            return next(self._clock)

    def call(self, name: str, fn: Callable[..., Any], *args: Any, raises: type[Exception] = ZeroDivisionError) -> Any:
        """Makes one call and notes it; an exception of that type is noted as the result "raised"."""
        called = self._now()
        try:
            result = fn(*args)
        except raises:
            result = "raised"
        self._operations.append(Operation(name, args, result, called, self._now()))
        return result

    def history(self) -> list[Operation]:
        return sorted(self._operations, key=lambda op: op.called)


Step = Callable[[Hashable, Operation], Iterable[Hashable]]


def explained(history: list[Operation], start: Hashable, step: Step) -> bool:
    """Whether some order explains it: `step(state, operation)` gives the states in which the operation, with the result
    that it had, may leave the object; none: it cannot have happened there.
    """
    pending: list[tuple[frozenset[int], Hashable]] = [(frozenset(), start)]
    seen = set(pending)
    while pending:
        done, state = pending.pop()
        left = [k for k in range(len(history)) if k not in done]
        if not left:
            return True
        first_return = min(history[k].returned for k in left)
        for k in left:
            if history[k].called > first_return:
                break
            for after in step(state, history[k]):
                reached = (done | {k}, after)
                if reached not in seen:
                    seen.add(reached)
                    pending.append(reached)
    return False
