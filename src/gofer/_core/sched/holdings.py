"""What a goroutine's variables tell of what it may hold of a database: a transaction that is open.

A transaction belongs to the system, not to the thread, so nothing on the stack need show it: `execute("insert …")`
opens one and returns. Another goroutine of the worker that then waits for it in C blocks the thread, and so the holder.

`sqlite3` says whether a connection is in a transaction, so its connections and cursors are asked: those in the calls'
variables, in globals that they name, and in attributes of either. Any other connection (DB-API 2, an ORM's session: it
has `commit` and `rollback`) is in doubt as long as it is in a variable of a call. Nothing of the program's own runs
here: types are looked at as they are, and what is asked is C. Not compiled.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from types import CellType, GeneratorType
from typing import Any
from weakref import ref

NOTHING = 0
CELL = 1
GENERATOR = 2
CONNECTION = 3
SQLITE_CONNECTION = 4
SQLITE_CURSOR = 5
INSTANCE = 6  # of a class written in Python
WEAK = 7

ATTRIBUTES_AT_MOST = 256
_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE
_IMMUTABLE = 1 << 8  # Py_TPFLAGS_IMMUTABLETYPE
_mro: Any = type.__dict__["__mro__"].__get__  # past whatever a metaclass says
_namespace: Any = type.__dict__["__dict__"].__get__
_flags: Any = type.__dict__["__flags__"].__get__


class Look:
    """One look at a goroutine's variables. `generators` are those that have to be looked at as well."""

    def __init__(self) -> None:
        self.kinds: dict[int, int] = {}
        self.sqlite = sqlite_types()
        self.instances: list[Any] = []
        self.seen: set[int] = set()
        self.searched: set[tuple[int, int]] = set()  # for lockwords
        self.generators: list[Any] = []

    def holds(self, variables: Iterable[Any]) -> bool:
        """True if one of a call's variables is a connection that may be in a transaction, or a dead weak reference."""
        for each in variables:
            value = each
            kind = self.kind(value)
            if kind == CELL:
                value = content(value)
                kind = self.kind(value)
            if kind == CONNECTION or self.is_open(kind, value):
                return True
            if kind == WEAK and ref.__call__(value) is None:
                return True  # a callback of a weak reference: run by whoever has dropped the last one
            if kind == GENERATOR:
                self.expect(value)
            elif kind == INSTANCE:
                self.note(value)
        return False

    def expect(self, generator: Any) -> bool:
        """Has a generator looked at, once; false for what is none."""
        if type(generator) is not GeneratorType:
            return False
        if id(generator) not in self.seen:
            self.seen.add(id(generator))
            self.generators.append(generator)
        return True

    def holds_global(self, value: Any) -> bool:
        """The same for a global that a call names; one of which it cannot be told is not taken for its own."""
        kind = self.kind(value)
        if kind == INSTANCE:
            self.note(value)
        return self.is_open(kind, value)

    def note(self, instance: Any) -> None:
        """Its attributes are to be looked at in the end, if there is anything to be asked."""
        if self.sqlite and id(instance) not in self.seen and len(self.instances) < ATTRIBUTES_AT_MOST:
            self.seen.add(id(instance))
            self.instances.append(instance)

    def attribute_holds(self) -> bool:
        """True if an attribute of what has been noted is an SQLite connection or cursor in a transaction."""
        if not self.instances:
            return False
        for each in gc.get_referents(*self.instances):  # at once: on free-threaded builds each call stops all threads
            values = list(each.values()) if type(each) is dict and len(each) <= ATTRIBUTES_AT_MOST else [each]
            if any(self.is_open(self.kind(value), value) for value in values):
                return True
        return False

    def is_open(self, kind: int, value: Any) -> bool:
        """True if an SQLite connection, or a cursor's, is in a transaction; false for what is no such thing."""
        if kind not in (SQLITE_CONNECTION, SQLITE_CURSOR):
            return False
        connection_type, cursor_type = self.sqlite
        try:
            if kind == SQLITE_CURSOR:
                value = _namespace(cursor_type)["connection"].__get__(value)
            return bool(_namespace(connection_type)["in_transaction"].__get__(value))
        except Exception:  # closed, or not opened yet
            return False

    def kind(self, value: Any) -> int:
        """What sort of thing a value is, by its type; known types are remembered for this look."""
        of = type(value)
        found = self.kinds.get(id(of))
        if found is None:
            found = self.kinds[id(of)] = self.kind_of(of)
        return found

    def kind_of(self, of: type) -> int:
        if of is CellType:
            return CELL
        if of is GeneratorType:
            return GENERATOR
        bases = _mro(of)
        for known, kind in zip(self.sqlite, (SQLITE_CONNECTION, SQLITE_CURSOR), strict=False):
            if any(base is known for base in bases):
                return kind
        if any(base is ref for base in bases):
            return WEAK
        if has(bases, "commit") and has(bases, "rollback"):
            return CONNECTION
        if all(_flags(base) & (_HEAP | _IMMUTABLE) == _HEAP for base in bases[:-1]):
            return INSTANCE
        return NOTHING


def sqlite_types() -> tuple[Any, ...]:
    """`sqlite3`'s connection and cursor, once the program has imported it."""
    module = sys.modules.get("_sqlite3")
    found = (getattr(module, "Connection", None), getattr(module, "Cursor", None))
    return () if None in found else found


def has(bases: tuple[type, ...], name: str) -> bool:
    """True if one of the classes has an attribute."""
    return any(name in _namespace(base) for base in bases)


def namespaces(instance: Any) -> list[Any]:
    """What the classes of an object have, but for `object`."""
    return [_namespace(base) for base in _mro(type(instance))[:-1]]


def is_cursor(value: Any) -> bool:
    """True if a loop's iterator is a database's: what has not been fetched yet may keep writers away."""
    return has(_mro(type(value)), "fetchone")


def iterated(iterator: Any) -> list[Any]:
    """What a built-in iterator takes its values from, and all else that it refers to."""
    of = type(iterator)
    if of is tuple or of in (enumerate, filter, map, zip) or of.__module__ == "itertools":
        return gc.get_referents(iterator)
    return []


def content(cell: CellType) -> Any:
    """What a variable of an enclosing function is bound to; None if it is not."""
    try:
        return cell.cell_contents
    except ValueError:
        return None
