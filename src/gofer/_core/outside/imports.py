"""Imports: who imports a module that another goroutine is still running waits for it, as a thread does.

importlib has a lock for each module that is being imported. Its owner is a thread, which may take it again (a module
that is imported by what it imports is seen half-made), and goroutines of a worker share a thread: one that imported
what another had begun saw half a module. So importlib is told who imports (`importer`, in the place of `get_ident`),
and what waits for such a lock parks (`Wakeup`). The lock itself, and how it finds circular imports of several importers
(one of them then goes on with half a module), are importlib's own. Locks that exist already get a `Wakeup` unless a
thread waits for one just now.

A module of `importlib.util.LazyLoader` has an `RLock` (from 3.13 on) that is held while its body runs: it gets one that
belongs to the importer too. Whoever must change a module of the library that may not be there yet can `watch` for it.

Not compiled.
"""

from __future__ import annotations

import _thread
import os
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from gofer._core.outside.importer import Wakeup, goroutines, importer
from gofer._core.sched import scheduler

_watched: dict[str, Callable[[], None]] = {}  # what is to be done when a module has been imported
_importlib: Any = sys.modules["_frozen_importlib"]


class ModuleLock(_importlib._ModuleLock):  # type: ignore[misc]
    """importlib's, with another lock in it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.wakeup = Wakeup(name)

    def release(self) -> None:
        """Tells who watches."""
        super().release()
        if self.name in _watched and not self.count and self.name in sys.modules:
            _watched.pop(self.name)()


class Reentrant:
    """In the place of a lazy module's `RLock`: belongs to the importer."""

    def __init__(self, module: str) -> None:
        self.wakeup = Wakeup(module)
        self.owner: Any = None
        self.count = 0

    def __enter__(self) -> None:
        me = importer()
        if self.owner != me:
            self.wakeup.acquire()
            self.owner = me
        self.count += 1

    def __exit__(self, *error: object) -> None:
        self.count -= 1
        if not self.count:
            self.owner = None
            self.wakeup.release()


def watch(module: str, then: Callable[[], None]) -> None:
    """Calls `then` when a module has been imported, at once if it has."""
    spec = getattr(sys.modules.get(module), "__spec__", None)
    if spec is not None and not getattr(spec, "_initializing", False):
        then()
    else:
        _watched[module] = then


def change_lazy_loader() -> None:
    """Has lazy modules be locked by who imports them."""
    loader: Any = sys.modules["importlib.util"].LazyLoader
    original = loader.exec_module

    def exec_module(self: Any, module: Any) -> None:
        original(self, module)
        spec: Any = object.__getattribute__(module, "__spec__")
        if "lock" in spec.loader_state:
            spec.loader_state["lock"] = Reentrant(spec.name)

    loader.exec_module = exec_module


def locks() -> list[Any]:
    """The locks of importlib that are in use."""
    found = [reference() for reference in list(_importlib._module_locks.values())]
    return [lock for lock in found if lock is not None]


def give_up(lock: Any) -> None:
    """Who has begun an import will never end it: the module is forgotten, and imported anew."""
    spec = getattr(sys.modules.get(lock.name), "__spec__", None)
    if getattr(spec, "_initializing", False):
        del sys.modules[lock.name]
    lock.owner = None
    lock.count = type(lock.count)()
    if lock.waiters:
        lock.waiters = type(lock.waiters)()
        lock.wakeup.release()


def on_abandoned(ids: set[int]) -> None:
    """These goroutines will not run any more."""
    owners = goroutines(ids)
    for lock in locks():
        if lock.owner in owners:
            with lock.lock:
                give_up(lock)


def after_fork() -> None:
    """What others than the one who has forked had begun to import will never be done here, and nobody else waits."""
    me = importer()
    for lock in locks():
        lock.waiters = type(lock.waiters)()
        lock.wakeup = Wakeup(lock.name)
        if lock.owner not in (None, me):
            give_up(lock)


def install() -> None:
    """Has importlib ask here."""
    names = ModuleType("_thread")
    names.__dict__.update(vars(_thread), get_ident=importer)
    _importlib._thread = names
    _importlib._ModuleLock = ModuleLock
    for lock in locks():
        if not lock.waiters:
            lock.wakeup = Wakeup(lock.name)
    scheduler.shared().on_abandoned = on_abandoned
    watch("importlib.util", change_lazy_loader)
    os.register_at_fork(after_in_child=after_fork)
