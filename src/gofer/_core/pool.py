"""Pool: a stack of values, and below it those that the last full collection found there.

Each value leaves a deque by one `pop`, and is from then on nobody's but the popper's, so no guard is needed and nothing
is handed out twice. A full garbage collection drops the values that were there at the one before and lowers the others;
it may come at any moment, also in the middle of `get`.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import ref

from gofer._core.guard import FREE_THREADED
from gofer._core.hooks import HOOKS
from gofer._core.uncopyable import Uncopyable

_T = TypeVar("_T")
OLDEST = 2 if sys.version_info < (3, 14) else 1  # incremental collections report the middle generation


class Released:
    """A value and the clock of who put it."""

    def __init__(self, value: Any, clock: Any) -> None:
        self.value = value
        self.clock = clock


class Stock:
    """What a pool has now. (It is what collections hold weakly: a pool itself is not part of their list.)"""

    def __init__(self) -> None:
        self.fresh: deque[Any] = deque()
        self.old: deque[Any] = deque()

    def take(self) -> Any:
        """A value as it was put, or None."""
        for values in (self.fresh, self.old):
            if values:
                try:
                    return values.pop()
                except IndexError:
                    continue  # somebody else has had the last
        return None

    def age(self) -> None:
        """A full collection: drops what nobody has wanted since the last one."""
        for source, target in ((self.old, None), (self.fresh, self.old)):
            for _ in range(len(source)):
                try:
                    value = source.popleft()
                except IndexError:
                    break
                if target is not None:
                    target.append(value)


class Pool(Uncopyable, Generic[_T]):
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

    def __init__(self, new: Callable[[], _T] | None = None) -> None:
        if new is not None and not callable(new):
            raise TypeError(f"Pool: {new!r} is not callable")
        self.new = new
        self.stock = Stock()
        key = id(self.stock)
        _stocks[key] = ref(self.stock, lambda _: _stocks.pop(key, None))

    def get(self) -> _T | None:
        """A value that was put, usually the last; else `new()`; without `new`, None. Go: `Pool.Get`."""
        found = self.stock.take()
        if found is None:
            return None if self.new is None else self.new()
        if type(found) is Released:
            if HOOKS.on:
                HOOKS.acquire(found.clock)
            return found.value  # type: ignore[no-any-return]
        return found  # type: ignore[no-any-return]

    def put(self, value: _T | None) -> None:
        """Gives a value back; None is ignored. Go: `Pool.Put`."""
        if value is None:
            return
        self.stock.fresh.append(Released(value, HOOKS.snapshot()) if HOOKS.on else value)


_stocks: dict[int, ref[Stock]] = {}


def _collected(phase: str, info: dict[str, int]) -> None:
    if phase == "stop" and (FREE_THREADED or info["generation"] >= OLDEST):
        for weak in list(_stocks.values()):
            stock = weak()
            if stock is not None:
                stock.age()


gc.callbacks.append(_collected)
