"""sync.Map: a dict from hash to what has that hash: an entry, or a tuple of several.

`__hash__` and `__eq__` are anybody's code and may do anything, so they run outside the guard: an operation computes the
hash, takes what is there, looks for its key in it, makes what it wants instead, and puts that in its place if what it
has looked at is still there; else it begins again. The dict's own keys are plain ints, so nothing foreign runs while it
changes. `gate` protects the dict and `count`; entries and tuples never change, so reading needs no guard.

Rejected: a chain of entries. What refers to it last lets go of it by a recursion as deep as it is long.

Where a guard is nothing, beside the GIL, `index` has the entries of strings and ints by their keys as well: to look one
up runs nobody's code, and makes no int of its hash. It changes in the same step as the dict; where several threads
run at once there is no such step, and no index.

What is taken out stays referred to by whoever does so until the guard is open: destructors run outside.

Happens-before: an entry has its writer's clock; who finds no entry acquires what every deletion has released.
"""

from __future__ import annotations

from collections.abc import ItemsView, KeysView, Mapping, ValuesView
from types import GenericAlias
from typing import Any

from gofer._core.machine import dicts, guard
from gofer._core.machine.hooks import HOOKS
from gofer._core.sync.edges import Edges


class Entry:
    """A key with its value. Never changed once it is in the map."""

    def __init__(self, key: Any, value: Any, clock: Any) -> None:
        self.key = key
        self.value = value
        self.clock = clock


class Map(Edges):
    """A dictionary for any number of goroutines and threads at once. Go: `sync.Map`. Must not be copied.

    Nothing blocks. Keys are hashable objects; their `__hash__` and `__eq__` may do anything. It reads as a Mapping, and
    items are assigned and deleted as a dict's. A write happens before the read that sees it.

    >>> m = Map()
    >>> m["a"] = 1
    >>> m.load_or_store("a", 2), m.load("b")
    ((1, True), (None, False))
    """

    def __init__(self) -> None:
        self.open_edges()
        self.gate = guard.make()
        self.slots: dict[int, Any] = {}
        self.index: dict[Any, Entry] = {}
        self.count = 0

    def find(self, there: Any, key: Any) -> Entry | None:
        """The key's entry among those of its hash."""
        if type(there) is Entry:
            only: Entry = there
            return only if only.key is key or only.key == key else None
        if there is not None:
            for each in there:
                e: Entry = each
                if e.key is key or e.key == key:
                    return e
        return None

    def lookup(self, key: Any) -> Entry | None:
        """The key's entry, as a read that takes part in happens-before."""
        e: Entry | None = None
        plain = not guard.NEEDED and dicts.is_plain(key)
        if plain:
            e = dicts.get(self.index, key, None)
        if e is None and not (plain and self.count == len(self.index)):
            e = self.find(self.slots.get(hash(key)), key)
        if HOOKS.on:
            HOOKS.step()
            self.saw(e)
        return e

    def saw(self, e: Entry | None) -> None:
        if e is None:
            self.acquire()
        else:
            HOOKS.tool.acquire(e.clock)

    def replace(self, hashed: Any, there: Any, new: Any, change: Any, key: Any, e: Any) -> bool:
        """Puts `new` in the place of what is `there`, if it still is; whether it was.

        `change` is how much larger the map gets; `key` is the map's own, and has the entry `e`, or None, from now on.
        """
        before: Any = None
        guard.lock_to_grow(self.gate)
        unchanged = self.slots.get(hashed) is there
        if unchanged:
            if new is not None:
                self.slots[hashed] = new
            elif there is not None:
                del self.slots[hashed]
            self.count += change
            if not guard.NEEDED and dicts.is_plain(key):
                before = self.index.get(key)
                if e is not None:
                    self.index[key] = e
                else:
                    del self.index[key]
        guard.unlock(self.gate)
        del before
        return unchanged

    def put(self, hashed: Any, there: Any, old: Entry | None, key: Any, value: Any) -> bool:
        """Tries to give the key, whose entry is `old`, a value."""
        clock = None
        if HOOKS.on:
            HOOKS.step()
            clock = HOOKS.tool.snapshot()
        if old is None:
            added = Entry(key, value, clock)
            return self.replace(hashed, there, instead(there, None, added), 1, key, added)
        changed = Entry(old.key, value, clock)
        return self.replace(hashed, there, instead(there, old, changed), 0, old.key, changed)

    def take(self, hashed: Any, there: Any, old: Entry) -> bool:
        """Tries to remove an entry."""
        if HOOKS.on:
            self.release()
        return self.replace(hashed, there, instead(there, old, None), -1, old.key, None)

    def load(self, key: Any) -> tuple[Any, bool]:
        """The key's value and True, or None and False. Go: `Map.Load`."""
        e: Entry | None = self.lookup(key)
        if e is None:
            return None, False
        return e.value, True

    def store(self, key: Any, value: Any) -> None:
        """Gives the key a value. Go: `Map.Store`."""
        hashed: Any = hash(key)
        while True:
            there: Any = self.slots.get(hashed)
            if self.put(hashed, there, self.find(there, key), key, value):
                return

    def load_or_store(self, key: Any, value: Any) -> tuple[Any, bool]:
        """The key's value and True; else gives it this one, and returns it and False. Go: `Map.LoadOrStore`."""
        hashed: Any = hash(key)
        while True:
            there: Any = self.slots.get(hashed)
            e: Entry | None = self.find(there, key)
            if HOOKS.on:
                HOOKS.step()
                self.saw(e)
            if e is not None:
                return e.value, True
            if self.put(hashed, there, None, key, value):
                return value, False

    def swap(self, key: Any, value: Any) -> tuple[Any, bool]:
        """Gives the key a value; the one before and True, or None and False. Go: `Map.Swap`."""
        hashed: Any = hash(key)
        while True:
            there: Any = self.slots.get(hashed)
            e: Entry | None = self.find(there, key)
            if self.put(hashed, there, e, key, value):
                if HOOKS.on:
                    self.saw(e)
                if e is None:
                    return None, False
                return e.value, True

    def load_and_delete(self, key: Any) -> tuple[Any, bool]:
        """Removes the key; its value and True, or None and False where there is none. Go: `Map.LoadAndDelete`."""
        hashed: Any = hash(key)
        while True:
            there: Any = self.slots.get(hashed)
            e: Entry | None = self.find(there, key)
            if HOOKS.on:
                HOOKS.step()
                self.saw(e)
            if e is None:
                return None, False
            if self.take(hashed, there, e):
                return e.value, True

    def delete(self, key: Any) -> None:
        """Removes the key if it is there. Go: `Map.Delete`."""
        self.load_and_delete(key)

    def compare_and_swap(self, key: Any, old: Any, new: Any) -> bool:
        """Gives the key `new` if its value equals `old`; whether it did. Go: `Map.CompareAndSwap`."""
        hashed: Any = hash(key)
        while True:
            there: Any = self.slots.get(hashed)
            e: Entry | None = self.find(there, key)
            if HOOKS.on:
                HOOKS.step()
                self.saw(e)
            if e is None or not (e.value is old or e.value == old):
                return False
            if self.put(hashed, there, e, key, new):
                return True

    def compare_and_delete(self, key: Any, old: Any) -> bool:
        """Removes the key if its value equals `old`; whether it did. Go: `Map.CompareAndDelete`."""
        hashed: Any = hash(key)
        while True:
            there: Any = self.slots.get(hashed)
            e: Entry | None = self.find(there, key)
            if HOOKS.on:
                HOOKS.step()
                self.saw(e)
            if e is None or not (e.value is old or e.value == old):
                return False
            if self.take(hashed, there, e):
                return True

    def clear(self) -> None:
        """Removes every key. Go: `Map.Clear`."""
        if HOOKS.on:
            self.release()
        removed: dict[int, Any] = {}
        indexed: dict[Any, Entry] = {}
        guard.lock_to_grow(self.gate)
        removed.update(self.slots)
        self.slots.clear()
        indexed, self.index = self.index, indexed
        self.count = 0
        guard.unlock(self.gate)

    def entries(self) -> list[Entry]:
        """Those of one moment, roughly the oldest key first."""
        if HOOKS.on:
            HOOKS.step()
        found = []
        for there in list(self.slots.values()):
            for each in (there,) if type(there) is Entry else there:
                e: Entry = each
                if HOOKS.on:
                    HOOKS.tool.acquire(e.clock)
                found.append(e)
        return found

    def snapshot(self, part: Any) -> list[Any]:
        """Keys, values or pairs of one moment, for the views."""
        found: list[Any] = []
        for each in self.entries():
            e: Entry = each
            found.append(e.key if part == 0 else e.value if part == 1 else (e.key, e.value))
        return found

    def range(self, fn: Any) -> None:
        """Calls `fn(key, value)` for each key that is there when it begins, until it returns False. Go: `Map.Range`.

        No key comes twice; `fn` may call anything of the map. What changes meanwhile is not seen.
        """
        for each in self.entries():
            e: Entry = each
            if fn(e.key, e.value) is False:
                return

    def get(self, key: Any, default: Any = None) -> Any:
        """The key's value, or `default`, as a Mapping's. Go: `Map.Load`."""
        e: Entry | None = self.lookup(key)
        if e is None:
            return default
        return e.value

    def keys(self) -> Any:
        """A view of the keys; its iteration sees those of the moment at which it begins. Go: `Map.Range`."""
        return _Keys(self)

    def values(self) -> Any:
        """A view of the values, likewise. Go: `Map.Range`."""
        return _Values(self)

    def items(self) -> Any:
        """A view of the pairs, likewise. Go: `Map.Range`."""
        return _Items(self)

    def __getitem__(self, key: Any) -> Any:
        e: Entry | None = self.lookup(key)
        if e is None:
            raise KeyError(key)
        return e.value

    def __setitem__(self, key: Any, value: Any) -> None:
        self.store(key, value)

    def __delitem__(self, key: Any) -> None:
        _, loaded = self.load_and_delete(key)
        if not loaded:
            raise KeyError(key)

    def __contains__(self, key: Any) -> bool:
        return self.lookup(key) is not None

    def __iter__(self) -> Any:
        return iter(self.snapshot(0))

    def __len__(self) -> int:
        if HOOKS.on:
            HOOKS.step()
        return self.count

    def __repr__(self) -> str:
        return f"<Map of {self.count}>"

    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        return GenericAlias(cls, item)


def instead(there: Any, old: Entry | None, new: Entry | None) -> Any:
    """What is there with one entry in the place of another; without `old` it is one more, without `new` one less."""
    if there is None or there is old:
        return new
    if type(there) is Entry:
        return (there, new)
    if old is None:
        return there + (new,)  # noqa: RUF005  # copied once, unpacked it is twice
    entries: list[Any] = list(there)
    if new is None:
        entries.remove(old)
    else:
        entries[entries.index(old)] = new
    return entries[0] if len(entries) == 1 else tuple(entries)


class _Keys(KeysView[Any]):
    __slots__ = ()


class _Values(ValuesView[Any]):
    __slots__ = ()

    def __iter__(self) -> Any:
        found: Any = self._mapping  # type: ignore[attr-defined]
        return iter(found.snapshot(1))

    def __contains__(self, value: object) -> bool:
        return any(each is value or each == value for each in self)


class _Items(ItemsView[Any, Any]):
    __slots__ = ()

    def __iter__(self) -> Any:
        found: Any = self._mapping  # type: ignore[attr-defined]
        return iter(found.snapshot(2))


Mapping.register(Map)
