"""The probes that the rewritten program calls: each records an access and returns its argument, or makes the call."""

from __future__ import annotations

import array
import collections
import functools
import threading
import types
from typing import Any

from gofer.race import detector, native
from gofer.race.detector import STRUCTURE, access, current, element, whole

PRIMITIVE = (str, int, bytes, float, bool, type(None), complex)
SEQUENCES = (list, bytearray, array.array, collections.deque)
CONTAINERS = (list, dict, set, bytearray, collections.deque, array.array)
SKIPPED = ("__class__", "__dict__", "__doc__", "__module__", "__name__", "__slots__")
MISSING = object()


def key_of(key: Any) -> Any:
    """What stands for a key or index: the value where that is immutable, else its identity."""
    if type(key) in PRIMITIVE or (type(key) is tuple and all(type(part) in PRIMITIVE for part in key)):
        return ("[", key)
    if vars(object)["__hash__"] is type(key).__hash__:
        return ("id", id(key))
    return hash_of(key)


def hash_of(key: Any) -> Any:
    """What stands for a key that compares by value: its hash. The program's own `__hash__` makes no accesses here."""
    actor = current()
    actor.quiet += 1
    try:
        return ("hash", hash(key))
    except TypeError:
        return ("id", id(key))
    finally:
        actor.quiet -= 1


def index_of(target: Any, key: Any) -> Any:
    """A list's index, counted from the start."""
    return ("[", key + len(target) if key < 0 else key)


def subscript(target: Any, key: Any, write: Any) -> None:
    """An access to `target[key]`; `write` is None for a deletion."""
    kind = type(target)
    if kind in CONTAINERS or builtin_subscript(kind, write):
        subscript_builtin(target, key, write)


def subscript_builtin(target: Any, key: Any, write: Any) -> None:
    if isinstance(target, dict):
        subscript_dict(target, key, True if write == "resize" else write)
    elif issubclass(type(target), SEQUENCES):
        if isinstance(key, slice):
            subscript_slice(target, key, write)
        elif write is None:
            access(target, STRUCTURE, True)
        elif hasattr(type(key), "__index__") and type(key) in (int, bool):
            element(target, index_of(target, key), write)
    else:
        library.subscript_behind(target, key, write)


def builtin_subscript(kind: Any, write: Any) -> bool:
    """Whether a class leaves subscripts to the container that it extends; a method of its own has its own probes."""
    if write is None:
        return type(getattr(kind, "__delitem__", None)) is not types.FunctionType
    name = "__setitem__" if write else "__getitem__"
    method = getattr(kind, name, None)
    return type(method) is not types.FunctionType or method.__module__ in ("collections", "typing")


def subscript_dict(target: Any, key: Any, write: Any) -> None:
    place = key_of(key)
    if write is False and type(target) is collections.defaultdict and target.default_factory is not None:
        write = not dict.__contains__(target, key)
    if write is False:
        element(target, place, False)
        return
    known = place[0] == "[" or vars(object)["__hash__"] is type(key).__hash__
    if write is None or (known and not dict.__contains__(target, key)):
        access(target, place, True)
        access(target, STRUCTURE, True)
    else:
        element(target, place, True)


def subscript_slice(target: Any, key: Any, write: Any) -> None:
    if any(bound is not None and type(bound) is not int for bound in (key.start, key.stop, key.step)) or key.step == 0:
        return
    indices = range(*key.indices(len(target)))
    if write is None or write == "resize":
        access(target, STRUCTURE, True)
        return
    if len(indices) == len(target) and not write:
        whole(target)
        return
    access(target, STRUCTURE, False)
    for index in indices:
        element(target, ("[", index), write)


def attribute(target: Any, name: str, write: bool) -> None:
    """An access to `target.name`, where that is data and not a descriptor that runs."""
    kind: Any = type(target)
    if kind is types.ModuleType:
        access(target.__dict__, ("[", name), write)
        return
    if isinstance(target, type):
        class_attribute(target, name, write)
        return
    if issubclass(type(target), threading.local):
        return
    found = lookup(kind, name)
    if found is MISSING:
        if kind.__dictoffset__ or issubclass(type(target), types.FunctionType):
            access(target, name, write)
        return
    value = found[0]
    if type(value) is types.MemberDescriptorType:
        access(target, name, write)
    elif hasattr(type(value), "__set__") and hasattr(type(value), "__get__"):
        return
    elif write or name in native.dict_of(target):
        access(target, name, write)
    elif type(value) is functools.cached_property:
        access(target, name, True)
    elif not hasattr(type(value), "__get__"):
        access(target, name, False)
        access(found[1], name, False)


def lookup(kind: Any, name: str) -> Any:
    """(value, class) of the first class of the MRO that has the name, or MISSING."""
    if native.type_has(kind, name):
        for base in kind.__mro__:
            space = base.__dict__
            if name in space:
                return (space[name], base)
    return MISSING


def class_attribute(target: Any, name: str, write: bool) -> None:
    if write:
        access(target, name, True)
        return
    found = lookup(target, name)
    if found is not MISSING and not hasattr(type(found[0]), "__get__"):
        access(found[1], name, False)


class Probe:
    """One place of the program. Its bound methods are constants of the rewritten code."""

    def __init__(self, name: str, write: Any = False, extra: str = "") -> None:
        self.name = name
        self.write = write
        self.extra = extra
        self.plain = name not in SKIPPED

    def attr(self, target: Any) -> Any:
        if self.plain:
            attribute(target, self.name, self.write)
        return target

    def attr_late(self, target: Any, value: Any) -> Any:
        """The value of `target.name += value`: the write comes after it."""
        attribute(target, self.name, True)
        held = native.dict_of(target).get(self.name)
        if issubclass(type(held), CONTAINERS):
            library.contents(value)
            access(held, STRUCTURE, True)
        return value

    def variable(self, value: Any) -> Any:
        """A captured variable is read or written."""
        cell = native.cell_of(self.name)
        if cell is not None:
            access(cell, ("variable", self.name, self.extra), self.write)
        return value

    def module_variable(self, value: Any) -> Any:
        """A global is read or written."""
        access(native.running_globals(), ("[", self.name), self.write)
        return value

    def in_place(self, held: Any, value: Any) -> Any:
        """The value of `name += value`, where `name` holds `held`."""
        if issubclass(type(held), CONTAINERS):
            library.contents(value)
            access(held, STRUCTURE, True)
        return value

    def get(self, target: Any, key: Any) -> Any:
        subscript(target, key, False)
        return target[key]

    def place(self, target: Any, key: Any) -> Any:
        """`target` of `target[key]` that is about to be stored to, or deleted (None)."""
        subscript(target, key, self.write)
        return target

    def key(self, target: Any, key: Any) -> Any:
        """The key of `target[key]` that is about to be stored to."""
        subscript(target, key, self.write)
        return key

    def part(self, target: Any, lower: Any, upper: Any, step: Any) -> Any:
        """`target` of a slice."""
        subscript(target, slice(lower, upper, step), self.write)
        return target

    def inside(self, target: Any) -> Any:
        """`target` of `key in target`."""
        library.contained((target,), {})
        return target

    def place_late(self, target: Any, key: Any, value: Any) -> Any:
        """The value of `target[key] += value`."""
        subscript(target, key, True)
        if type(target) in (list, dict):
            library.in_place(target, key, value)
        return value

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if detector.SWITCH.on:
            args = library.called(function, args, kwargs)
        return function(*args, **kwargs)

    def callee(self, function: Any) -> Any:
        """A function kept somewhere that is about to be called: what records the call of a built-in one."""
        return function if type(function) is types.FunctionType else library.watched(function)

    def loop(self, value: Any) -> Any:
        return library.steps(value)

    def read_all(self, value: Any) -> Any:
        library.contents(value)
        return value

    def size(self, value: Any) -> Any:
        library.truth(value)
        return value

    def dying(self, target: Any) -> None:
        detector.dying(target)


from gofer.race import library  # noqa: E402 (it needs this module's names)
