"""The probes that the rewritten program calls: each records an access and returns its argument, or makes the call."""

from __future__ import annotations

import array
import collections
import functools
import operator
import threading
import types
from typing import Any

from gofer.race import detector, native
from gofer.race.detector import STRUCTURE, access, current, element, whole

PRIMITIVE = (str, int, bytes, float, bool, type(None), complex)
SEQUENCES = (list, bytearray, array.array, collections.deque)
CONTAINERS = (list, dict, set, bytearray, collections.deque, array.array)
VIEWS: Any = (type({}.keys()), type({}.values()), type({}.items()))
WRITERS = {
    "append", "extend", "insert", "remove", "clear", "sort", "reverse", "update", "popitem", "add", "discard",
    "difference_update", "intersection_update", "symmetric_difference_update", "extendleft", "rotate", "move_to_end",
    "__setitem__", "__delitem__", "__iadd__", "__imul__", "__ior__", "frombytes", "fromlist", "byteswap",
}  # fmt: skip
SIZED = {"keys", "values", "items", "__len__", "__contains__"}
DEQUE_SAFE = {"append", "appendleft", "pop", "popleft"}
SKIPPED = ("__class__", "__dict__", "__doc__", "__module__", "__name__", "__slots__")
BUILTIN = (types.BuiltinMethodType, type([].__len__))
MISSING = object()
HANDOVER = ("handover",)


def key_of(key: Any) -> Any:
    """What stands for a key or index: the value where that is immutable, else its identity."""
    if type(key) in PRIMITIVE or (type(key) is tuple and all(type(part) in PRIMITIVE for part in key)):
        return ("[", key)
    return ("id", id(key))


def index_of(target: Any, key: Any) -> Any:
    """A list's index, counted from the start."""
    return ("[", key + len(target) if key < 0 else key)


def subscript(target: Any, key: Any, write: Any) -> None:
    """An access to `target[key]`; `write` is None for a deletion."""
    if isinstance(target, dict):
        subscript_dict(target, key, True if write == "resize" else write)
    elif issubclass(type(target), SEQUENCES):
        if isinstance(key, slice):
            subscript_slice(target, key, write)
        elif write is None:
            access(target, STRUCTURE, True)
        elif hasattr(type(key), "__index__") and type(key) in (int, bool):
            element(target, index_of(target, key), write)


def subscript_dict(target: Any, key: Any, write: Any) -> None:
    place = key_of(key)
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
        access(target.__dict__, ("global", name), write)
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


def contents(value: Any) -> None:
    """Something reads everything that a container holds."""
    if issubclass(type(value), CONTAINERS):
        whole(value)
    elif issubclass(type(value), VIEWS):
        whole(view_owner(value))


def view_owner(view: Any) -> Any:
    """The dict of a view (its `mapping` is a proxy, which hides it)."""
    import gc

    owners = [owner for owner in gc.get_referents(view) if isinstance(owner, dict)]
    return owners[0] if owners else view


def truth(value: Any) -> None:
    if issubclass(type(value), CONTAINERS):
        access(value, STRUCTURE, False)


class Steps:
    """An iterator that records each step on the container or generator."""

    def __init__(self, target: Any, iterator: Any, mode: str) -> None:
        self.target, self.iterator, self.mode, self.index = target, iterator, mode, 0

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        mode = self.mode
        if mode == "next":
            access(self.target, "next", True)
            return next(self.iterator)
        access(self.target, STRUCTURE, False)
        value = next(self.iterator)
        if mode == "index":
            element(self.target, ("[", self.index), False)
            self.index += 1
        elif mode == "items":
            element(self.target, key_of(value[0]), False)
        elif mode == "values":
            whole(self.target)
        return value


def steps(value: Any) -> Any:
    """What a loop over `value` goes over."""
    kind = type(value)
    if kind is list or kind is bytearray or kind is collections.deque or kind is array.array:
        return Steps(value, iter(value), "index")
    if kind is dict or kind is set or kind is collections.defaultdict or kind is collections.OrderedDict:
        return Steps(value, iter(value), "keys")
    if kind is VIEWS[2]:
        return Steps(view_owner(value), iter(value), "items")
    if kind is VIEWS[1]:
        return Steps(view_owner(value), iter(value), "values")
    if kind is VIEWS[0]:
        return Steps(view_owner(value), iter(value), "keys")
    if kind is types.GeneratorType:
        return Steps(value, value, "next")
    return value


def method(target: Any, name: str, args: Any) -> None:
    """A method of a built-in container is about to be called."""
    if issubclass(type(target), collections.deque) and name in DEQUE_SAFE:
        hand_over(target, name, args)
    elif isinstance(target, dict):
        dict_method(target, name, args)
    elif name in ("__setitem__", "__getitem__", "__delitem__") and args:
        subscript(target, args[0], {"__setitem__": True, "__getitem__": False, "__delitem__": None}[name])
    elif name in WRITERS or name == "pop":
        for argument in args:
            contents(argument)
        access(target, STRUCTURE, True)
    elif name in SIZED:
        access(target, STRUCTURE, False)
    else:
        whole(target)
        for argument in args:
            contents(argument)


def dict_method(target: Any, name: str, args: Any) -> None:
    if name in ("get", "__getitem__") and args:
        subscript_dict(target, args[0], False)
    elif name == "setdefault" and args:
        subscript_dict(target, args[0], False)
        if key_of(args[0])[0] == "[" and args[0] not in target:
            subscript_dict(target, args[0], True)
    elif name in ("pop", "__delitem__") and args:
        subscript_dict(target, args[0], None)
    elif name == "__setitem__" and args:
        subscript_dict(target, args[0], True)
    elif name in SIZED:
        access(target, STRUCTURE, False)
    elif name == "update" and len(args) == 1 and isinstance(args[0], dict):
        whole(args[0])
        for key in list(args[0]):
            subscript_dict(target, key, True)
    elif name in WRITERS:
        for argument in args:
            contents(argument)
        access(target, STRUCTURE, True)
    else:
        whole(target)


def hand_over(target: Any, name: str, args: Any) -> None:
    """A deque's synchronised methods order the value that they hand over; they do not race with each other."""
    if detector.SWITCH.on is False or detector.shadow_of(target) is None:
        return
    with detector.GATE:
        waiting = detector.shadow_of(target).setdefault(HANDOVER, {})
        if name.startswith("append"):
            clock = detector.snapshot_of(current())
            waiting.setdefault(id(args[0]) if args else 0, collections.deque()).append(clock)
        elif target:
            value = target.__getitem__(-1 if name == "pop" else 0)
            clocks = waiting.get(id(value))
            if clocks:
                detector.acquire_into(current(), clocks.popleft())
            if not clocks:
                waiting.pop(id(value), None)


LIBRARY: dict[Any, str] = {
    len: "size", sorted: "all", sum: "all", min: "all", max: "all", any: "all", all: "all", list: "all", tuple: "all",
    set: "all", frozenset: "all", dict: "all", str: "all", repr: "all", print: "all", bytes: "all", bool: "size",
    iter: "size", reversed: "all", enumerate: "lazy", zip: "lazy", map: "lazy", filter: "lazy", format: "all",
    next: "next", bytearray: "all",
}  # fmt: skip


def called(function: Any, args: Any) -> Any:
    """Records what a call of a built-in function does to containers; returns its arguments, some of them wrapped."""
    if type(function) is functools.partial:
        called(function.func, (*function.args, *args))
        return args
    kind = LIBRARY.get(function) if issubclass(type(function), (types.BuiltinFunctionType, type)) else None
    if kind is not None:
        return library(kind, args)
    if issubclass(type(function), types.BuiltinFunctionType) and function in OPERATORS:
        OPERATORS[function](args)
        return args
    owner = getattr(function, "__self__", None)
    if issubclass(type(function), BUILTIN) and issubclass(type(owner), CONTAINERS):
        method(owner, function.__name__, args)
    elif issubclass(type(function), BUILTIN) and isinstance(owner, str) and function.__name__ in ("join", "format"):
        for argument in args:
            contents(argument)
    elif issubclass(type(function), types.MethodDescriptorType) and args and issubclass(type(args[0]), CONTAINERS):
        method(args[0], function.__name__, args[1:])
    return args


def library(kind: str, args: Any) -> Any:
    if kind == "lazy":
        return tuple(steps(argument) for argument in args)
    for argument in args:
        if kind == "all":
            contents(argument)
        elif kind == "size":
            truth(argument)
        elif type(argument) is types.GeneratorType:
            access(argument, "next", True)
    return args


def by_name(args: Any, write: bool) -> None:
    """`getattr` and the like."""
    if len(args) > 1 and type(args[1]) is str:
        attribute(args[0], args[1], write)


OPERATORS: dict[Any, Any] = {
    operator.setitem: lambda args: subscript(args[0], args[1], True),
    operator.getitem: lambda args: subscript(args[0], args[1], False),
    operator.delitem: lambda args: subscript(args[0], args[1], None),
    getattr: lambda args: by_name(args, False),
    hasattr: lambda args: by_name(args, False),
    setattr: lambda args: by_name(args, True),
    delattr: lambda args: by_name(args, True),
}


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

    def attr_both(self, target: Any) -> Any:
        attribute(target, self.name, False)
        attribute(target, self.name, True)
        return target

    def attr_late(self, target: Any, value: Any) -> Any:
        """The value of `target.name += value`: the write comes after it."""
        attribute(target, self.name, True)
        held = native.dict_of(target).get(self.name)
        if issubclass(type(held), CONTAINERS):
            contents(value)
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
        access(native.running_globals(), ("global", self.name), self.write)
        return value

    def in_place(self, held: Any, value: Any) -> Any:
        """The value of `name += value`, where `name` holds `held`."""
        if issubclass(type(held), CONTAINERS):
            contents(value)
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
        if isinstance(target, (dict, set)):
            access(target, STRUCTURE, False)
        else:
            contents(target)
        return target

    def place_both(self, target: Any, key: Any) -> Any:
        subscript(target, key, False)
        subscript(target, key, True)
        return target

    def place_late(self, target: Any, key: Any, value: Any) -> Any:
        """The value of `target[key] += value`."""
        subscript(target, key, True)
        return value

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if detector.SWITCH.on:
            args = called(function, args)
        return function(*args, **kwargs)

    def loop(self, value: Any) -> Any:
        return steps(value)

    def read_all(self, value: Any) -> Any:
        contents(value)
        return value

    def size(self, value: Any) -> Any:
        truth(value)
        return value

    def dying(self, target: Any) -> None:
        detector.dying(target)
