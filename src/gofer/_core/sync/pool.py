"""Pool: a stack of values, and below it those that the last full collection found there (Go's victim cache).

A value is in one of the two lists once for each time that it was put. It leaves by one `pop`, which is atomic, and is
from then on nobody's but the popper's: no guard is needed, and nothing is handed out twice. A full garbage collection
drops the values that were there at the one before and lowers the others. It may come at any moment, also in the middle
of `get`, which therefore must hold no lock.
"""

from __future__ import annotations

import gc
import sys
from types import GenericAlias
from typing import Any
from weakref import ref

from gofer._core.machine import guard
from gofer._core.machine.hooks import HOOKS
from gofer._core.machine.uncopyable import Uncopyable

OLDEST = 2 if sys.version_info < (3, 14) else 1  # incremental collections report the middle generation


class Released:
    """A value and the clock of who put it."""

    def __init__(self, value: Any, clock: Any) -> None:
        self.value = value
        self.clock = clock


class Stock:
    """What a pool has now. (It is what collections hold weakly: a pool itself is not part of their list.)"""

    def __init__(self) -> None:
        self.fresh: list[Any] = []
        self.old: list[Any] = []

    def take(self) -> Any:
        """A value as it was put, or None."""
        found: Any = top(self.fresh)
        return top(self.old) if found is None else found

    def age(self) -> None:
        """A full collection: drops what nobody has wanted since the last one."""
        empty(self.old)
        lowered = empty(self.fresh)
        lowered.reverse()
        self.old.extend(lowered)


def top(values: list[Any]) -> Any:
    """The last value, taken out; None where there is none."""
    if values:
        try:
            return values.pop()
        except IndexError:
            pass  # somebody else has had the last
    return None


def empty(values: list[Any]) -> list[Any]:
    """Takes out all that is there now, the last first."""
    taken: list[Any] = []
    for _ in range(len(values)):
        try:
            taken.append(values.pop())
        except IndexError:
            break
    return taken


class Pool(Uncopyable):
    """Values to be used again instead of made anew. Go: `sync.Pool`. Must not be copied.

    No value is handed out twice unless it is put twice. Values that nobody wants between two full garbage collections
    are dropped, so a pool is no place to keep anything. `put` happens before the `get` that returns the value. Nothing
    blocks. TypeError when `new` is neither None nor a function.

    >>> pool = Pool(list)
    >>> mine = pool.get()
    >>> pool.put(mine)
    >>> pool.get() is mine
    True
    """

    def __init__(self, new: Any = None) -> None:
        if new is not None and not callable(new):
            raise TypeError(f"Pool: {new!r} is not callable")
        self.new = new
        self.stock = Stock()
        remember(self.stock)

    def get(self) -> Any:
        """A value that was put, usually the last; else `new()`; without `new`, None. Go: `Pool.Get`."""
        if HOOKS.on:
            HOOKS.step()
        found: Any = self.stock.take()
        if found is None:
            return None if self.new is None else self.new()
        if isinstance(found, Released):
            released: Released = found
            if HOOKS.on:
                HOOKS.tool.acquire(released.clock)
            return released.value
        return found

    def put(self, value: Any) -> None:
        """Gives a value back; None is ignored. Go: `Pool.Put`."""
        if value is None:
            return
        self.stock.fresh.append(Released(value, HOOKS.tool.snapshot()) if HOOKS.on else value)

    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        return GenericAlias(cls, item)


def remember(stock: Stock) -> None:
    """Has collections find it, for as long as it lives."""
    key = id(stock)
    _stocks[key] = ref(stock, lambda _: _stocks.pop(key, None))
    if collected not in gc.callbacks:
        gc.callbacks.append(collected)


def collected(phase: str, info: dict[str, int]) -> None:
    """The collector's callback. The free-threaded one has no generations: each of its collections is a full one."""
    if phase == "stop" and (guard.FREE_THREADED or info["generation"] >= OLDEST):
        for weak in list(_stocks.values()):
            found = weak()
            if found is not None:
                stock: Stock = found
                stock.age()


_stocks: dict[int, Any] = {}
