"""Synchronisation. Go: the package `sync`. None of these values may be copied; all may be used from any thread."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from gofer._core.sync.cond import Cond
from gofer._core.sync.mutex import Mutex
from gofer._core.sync.once import Once
from gofer._core.sync.oncefuncs import once_func, once_value, once_values
from gofer._core.sync.pool import Pool
from gofer._core.sync.rwmutex import RWMutex
from gofer._core.sync.syncmap import Map
from gofer._core.sync.waitgroup import WaitGroup

__all__ = [
    "Cond",
    "Locker",
    "Map",
    "Mutex",
    "Once",
    "Pool",
    "RWMutex",
    "WaitGroup",
    "once_func",
    "once_value",
    "once_values",
]


@runtime_checkable
class Locker(Protocol):
    """What can be locked and unlocked: `Mutex`, `RWMutex`, `RWMutex.reader`, and anybody's own. Go: `sync.Locker`."""

    def lock(self) -> None:
        """Blocks until it is the caller's. Go: `Locker.Lock`."""

    def unlock(self) -> None:
        """Lets it go. Go: `Locker.Unlock`."""
