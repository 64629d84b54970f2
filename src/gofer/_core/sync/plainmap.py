"""The map for one goroutine at a time: a dict that notices when goroutines or threads overlap on it.

`writer` is who changes the map at this moment, `reader` one of those who look up a key whose `__hash__` or `__eq__` is
not Python's own; `gate` protects both, and the rest. An operation that begins while another goroutine's is under way is
the offender. A look-up of a str or an int runs nobody's code, so nothing can begin during it.

One operation on a dict is over before anybody else runs, so without more ado goroutines beside the GIL would never be
seen to overlap. Therefore a writer now and then lets the others run while its operation is under way: at its 1st, 2nd,
4th ... 1024th and every 1024th write, and at the 1st, 2nd ... 64th and every 64th that comes from another goroutine
than the one before. A program that orders its accesses cannot tell; one that does not is soon found out. No false
alarm comes of it: who orders its accesses by channels, locks and the like waits for the writer, pause or no pause.

Where the goroutine may hold a lock of its thread (`safepoint`: a `threading.Lock` around the write, say) it lets nobody
else run on that thread, who might block it for ever. A write that a run has abandoned in a pause is over.

Iteration: each change of the keys has a number and an author; an iterator that finds another author's is the offender.
Rejected: a write by another goroutine than the last as such (it may well be ordered: the race detector knows).

To the race detector the map is one variable, as in Go: each operation first tells it of a read or a write of the whole.
`repr` alone does not, because `pprint` knows a dict by it: the detector sees to that where it is called.
"""

from __future__ import annotations

import time
from collections.abc import ItemsView, KeysView, ValuesView
from typing import Any

from gofer._core.machine import borrow, dicts, guard
from gofer._core.machine.borrow import Size
from gofer._core.machine.errors import FatalError
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import borrowed, owner, safepoint, scheduler
from gofer._core.sched.goroutine import Goroutine
from gofer._core.sched.worker import Worker

WRITES = "concurrent map writes"
READ_AND_WRITE = "concurrent map read and map write"
ITERATION = "concurrent map iteration and map write"
ENTRIES = "{}"  # the one variable that a map is to the race detector: no attribute has this name
OFTEN = 64
SELDOM = 1024
PAUSE = 50e-6  # seconds: long enough for another thread to run
_sleep = time.sleep  # the thread's own, whatever is patched


class Map(dict):  # type: ignore[type-arg]  # noqa: PLW1641 (a dict has no hash)
    """A dict for one goroutine at a time, as Go's built-in `map`; use `sync.Map` or a lock to share one.

    Raises `FatalError("concurrent map writes")`, `("concurrent map read and map write")` or `("concurrent map iteration
    and map write")`, which ends the program with status 2, in the goroutine or thread that begins an operation while
    another one's is under way, or whose iteration finds the keys changed by another. A write may let other goroutines
    run before it is done. As in Go, what happens not to overlap is not found: `gofer run -race` finds it.

    >>> m = Map(a=1)
    >>> m["b"] = 2
    >>> m
    {'a': 1, 'b': 2}
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.gate = guard.make()
        self.writer = borrow.NOTHING
        self.reader = borrow.NOTHING
        self.owner = borrow.NOTHING
        self.author = borrow.NOTHING
        self.writes = 0
        self.writes_due = 0
        self.changes = 0
        self.changes_due = 0
        self.version = 0
        dict.__init__(self, *args, **kwargs)

    def begin(self) -> bool:
        """A write begins; false: within another one of the same goroutine."""
        if HOOKS.on:
            HOOKS.tool.write(self, ENTRIES)
        me = actor()
        guard.lock(self.gate)
        if self.writer or self.reader:
            guard.unlock(self.gate)
            if not self.challenge(me):
                return False
            guard.lock(self.gate)
        self.writer = me
        changed = self.owner != me
        if changed:
            self.owner = me
            self.changes += 1
            due = self.changes > self.changes_due
        else:
            self.writes += 1
            due = self.writes > self.writes_due
        guard.unlock(self.gate)
        if due:
            self.pause(changed)
        return True

    def challenge(self, me: Any) -> bool:
        """A write begins while something may be under way: false where that is a write of the same goroutine's."""
        guard.lock(self.gate)
        mine = self.writer == me
        writes = not mine and is_under_way(self.writer)
        reads = self.reader != me and is_under_way(self.reader)
        guard.unlock(self.gate)
        if mine:
            return False
        if writes:
            raise FatalError(WRITES)
        if reads:
            raise FatalError(READ_AND_WRITE)
        return True

    def pause(self, changed: bool) -> None:
        """Lets others run while the write is under way."""
        if changed:
            self.changes_due = next_due(self.changes, OFTEN)
        else:
            self.writes_due = next_due(self.writes, SELDOM)
        g: Goroutine = scheduler.current()
        try:
            if changed and (scheduler.shared().get_procs() > 1 or g.thread_lock is not None):
                _sleep(PAUSE)
            if g.worker:
                worker: Worker = owner.worker(g.worker)
                if worker.has_runnable() and may_switch():
                    scheduler.yield_now()
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """The write is done."""
        guard.lock(self.gate)
        self.writer = borrow.NOTHING
        guard.unlock(self.gate)

    def note(self) -> None:
        """Within a write: the keys have changed."""
        self.author = self.owner
        self.version += 1

    def refuse(self, message: str) -> None:
        """A write is under way: raises unless it is the caller's own, or abandoned."""
        me = actor()
        guard.lock(self.gate)
        writes = self.writer != me and is_under_way(self.writer)
        guard.unlock(self.gate)
        if writes:
            raise FatalError(message)

    def begin_read(self) -> bool:
        """A look-up that may run anybody's code begins; false: another one is under way."""
        me = actor()
        guard.lock(self.gate)
        first = not self.reader or not is_under_way(self.reader)
        if first:
            self.reader = me
        guard.unlock(self.gate)
        return first

    def end_read(self) -> None:
        guard.lock(self.gate)
        self.reader = borrow.NOTHING
        guard.unlock(self.gate)

    def __getitem__(self, key: Any) -> Any:
        seen(self)
        if self.writer:
            self.refuse(READ_AND_WRITE)
        if dicts.is_plain(key):
            return dicts.subscript(self, key)
        first = self.begin_read()
        try:
            return dicts.subscript(self, key)
        finally:
            if first:
                self.end_read()

    def get(self, key: Any, default: Any = None) -> Any:
        """As `dict.get`."""
        seen(self)
        if self.writer:
            self.refuse(READ_AND_WRITE)
        if dicts.is_plain(key):
            return dicts.get(self, key, default)
        first = self.begin_read()
        try:
            return dicts.get(self, key, default)
        finally:
            if first:
                self.end_read()

    def __contains__(self, key: Any) -> bool:
        seen(self)
        if self.writer:
            self.refuse(READ_AND_WRITE)
        if dicts.is_plain(key):
            return dicts.contains(self, key)
        first = self.begin_read()
        try:
            return dicts.contains(self, key)
        finally:
            if first:
                self.end_read()

    def __setitem__(self, key: Any, value: Any) -> None:
        outermost = self.begin()
        try:
            before = dicts.size(self)
            dicts.assign(self, key, value)
            if dicts.size(self) != before:
                self.note()
        finally:
            if outermost:
                self.end()

    def __delitem__(self, key: Any) -> None:
        outermost = self.begin()
        try:
            before = dicts.size(self)
            dicts.remove(self, key)
            if dicts.size(self) != before:
                self.note()
        finally:
            if outermost:
                self.end()

    def change(self, method: Any, args: Any, kwargs: Any) -> Any:
        """One of dict's own methods that changes it."""
        outermost = self.begin()
        try:
            before = dicts.size(self)
            result = method(self, *args, **kwargs)
            if dicts.size(self) != before:
                self.note()
        finally:
            if outermost:
                self.end()
        return result

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """As `dict.setdefault`."""
        return self.change(dict.setdefault, (key, default), {})

    def pop(self, key: Any, *default: Any) -> Any:
        """As `dict.pop`."""
        return self.change(dict.pop, (key, *default), {})

    def popitem(self) -> Any:
        """As `dict.popitem`."""
        return self.change(dict.popitem, (), {})

    def update(self, *args: Any, **kwargs: Any) -> None:
        """As `dict.update`."""
        self.change(dict.update, args, kwargs)

    def clear(self) -> None:
        """As `dict.clear`."""
        self.change(dict.clear, (), {})

    def __ior__(self, other: Any) -> Any:
        self.change(dict.update, (other,), {})
        return self

    def copy(self) -> Any:
        """A Map with the same items."""
        return type(self)(self)

    def iterate(self, inner: Any) -> Any:
        """An iterator of dict's that is watched from now on."""
        seen(self)
        if self.writer:
            self.refuse(ITERATION)
        return Iteration(self, inner)

    def keys(self) -> Any:
        """As `dict.keys`."""
        return _Keys(self)

    def values(self) -> Any:
        """As `dict.values`."""
        return _Values(self)

    def items(self) -> Any:
        """As `dict.items`."""
        return _Items(self)

    def __iter__(self) -> Any:
        return self.iterate(dict.__iter__(self))

    def __reversed__(self) -> Any:
        return self.iterate(dict.__reversed__(self))

    def __len__(self) -> int:
        seen(self)
        return dicts.size(self)

    def __eq__(self, other: object) -> Any:
        seen(self)
        if isinstance(other, Map):
            seen(other)
        return dict.__eq__(self, other)

    def __or__(self, other: Any) -> Any:
        seen(self)
        return dict.__or__(self, other)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return type(self), (dict(self.items()),)


class Iteration:
    """Goes through a Map for one goroutine."""

    def __init__(self, found: Map, inner: Any) -> None:
        self.map = found
        self.inner = inner
        self.version = found.version

    def check(self) -> None:
        """Something has changed since, or changes now."""
        self.map.refuse(ITERATION)
        if self.map.version != self.version and self.map.author != actor():
            raise FatalError(ITERATION)

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        seen(self.map)
        if self.map.writer or self.map.version != self.version:
            self.check()
        return next(self.inner)


class _Keys(KeysView[Any]):
    __slots__ = ()

    def __reversed__(self) -> Any:
        return reversed(self._mapping)  # type: ignore[attr-defined]


class _Values(ValuesView[Any]):
    __slots__ = ()

    def __iter__(self) -> Any:
        found: Any = self._mapping  # type: ignore[attr-defined]
        return found.iterate(iter(dict.values(found)))

    def __reversed__(self) -> Any:
        found: Any = self._mapping  # type: ignore[attr-defined]
        return found.iterate(reversed(dict.values(found)))


class _Items(ItemsView[Any, Any]):
    __slots__ = ()

    def __iter__(self) -> Any:
        found: Any = self._mapping  # type: ignore[attr-defined]
        return found.iterate(iter(dict.items(found)))

    def __reversed__(self) -> Any:
        found: Any = self._mapping  # type: ignore[attr-defined]
        return found.iterate(reversed(dict.items(found)))


def seen(found: Map) -> None:
    """The map is read."""
    if HOOKS.on:
        HOOKS.step()
        HOOKS.tool.read(found, ENTRIES)


def actor() -> Any:
    """Who acts here, as a borrowed reference to compare with others."""
    at = scheduler.this_worker()
    if at:
        worker: Worker = owner.worker(at)
        if worker.current:
            return worker.current
    g: Goroutine = scheduler.current()
    return borrow.of(g)


def next_due(count: Size, often: Size) -> Size:
    """The count after which the next pause is due: twice this one, or `often` later."""
    return count + min(count, often) - 1


def may_switch() -> bool:
    """True if others may run on this thread in the middle of a write."""
    return bool(safepoint.is_safe(safepoint.outside(safepoint.newest())))


def is_under_way(at: Any) -> bool:
    """In the guard, which the operation needs to end: whether there is one, and its run has not been abandoned."""
    if not at:
        return False
    g: Goroutine = borrowed.goroutine(at)
    return g.registry != borrow.NOTHING or g.worker == borrow.NOTHING  # type: ignore[no-any-return]
