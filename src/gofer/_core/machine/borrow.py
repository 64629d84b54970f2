"""Borrowed references: the links of queues whose members something else keeps alive.

`borrow.pxd` has what the compiled core uses, this module the same names for the uncompiled one, where a borrowed
reference is simply a reference. Every goroutine is held by its registry from its creation to its end, so a run queue
or a wait queue need not count references; doing so cost a fifth of a channel operation.
"""

from __future__ import annotations

from threading import RLock
from typing import Any

Size = int
NOTHING: Any = None
COMPILED = False
_gate = RLock()  # protects `_held`; a destructor that runs meanwhile may hold something too
_held: dict[int, list[Any]] = {}


def of(value: Any) -> Any:
    """A borrowed reference to `value`."""
    return value


def get(pointer: Any) -> Any:
    """The object behind a borrowed reference that is not NOTHING."""
    return pointer


def mark(pointer: Any) -> Any:
    """Tells a borrowed reference from others, and may outlive what it points to."""
    return id(pointer)


def hold(value: Any) -> None:
    """Keeps `value` alive until `drop`; counts."""
    with _gate:
        _held.setdefault(id(value), []).append(value)


def drop(value: Any) -> None:
    """Ends what `hold` began."""
    with _gate:
        _held[id(value)].pop()
        if not _held[id(value)]:
            del _held[id(value)]


def hide(value: Any) -> None:
    """Hides from the garbage collector what a goroutine that lives refers to; only compiled."""


def show(value: Any) -> None:
    """Ends what `hide` began: before others than the goroutine may refer to `value`, and before it is freed."""


def is_method(value: Any) -> bool:
    """True if `value` is a bound method, which is made anew wherever it is named; uncompiled nobody needs to know."""
    return False


def slots(count: int) -> list[Any]:
    """A list of empty slots, to be filled from the first on by `put`, and nobody's but the caller's until `end`."""
    return [None] * count


def put(slots: list[Any], index: int, value: Any) -> None:
    """Fills an empty slot."""
    slots[index] = value


def end(slots: list[Any], filled: int) -> None:
    """So many slots have been filled: that is the list."""
    del slots[filled:]
