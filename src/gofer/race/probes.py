"""The probes that the rewritten program calls: each records an access and returns its argument, or makes the call.

What an access comes to is decided here; a probe remembers for which object and epoch it was last recorded, and what it
found out about the object's type, so that most calls end after a few comparisons. Compiled only.
"""

# mypy: disable-error-code="name-defined,no-any-return,attr-defined,has-type"
# ruff: noqa: F821

from __future__ import annotations

import array
import collections
import functools
import sys
import threading
import types
from typing import Any

from gofer.race import detector
from gofer.race.detector import STRUCTURE, access, current, element, resize, whole
from gofer.race.peek import hash_is_stable, is_a, of_class, own

PRIMITIVE = (str, int, bytes, float, bool, type(None), complex)
SEQUENCES = (list, bytearray, array.array, collections.deque)
CONTAINERS = (list, dict, set, bytearray, collections.deque, array.array)
SKIPPED = ("__class__", "__dict__", "__doc__", "__module__", "__name__", "__slots__")


def key_of(key: Any) -> Any:
    """What stands for a key or index: the value where that is immutable, else its identity."""
    if type(key) in PRIMITIVE or (type(key) is tuple and all(type(part) in PRIMITIVE for part in key)):
        return ("[", key)
    if vars(object)["__hash__"] is of_class(type(key), "__hash__"):
        return ("id", id(key))
    return hash_of(key)


def hash_of(key: Any) -> Any:
    """What stands for a key that compares by value: its hash. The program's own `__hash__` makes no accesses here.

    Its identity does where asking for the hash once more might have an effect.
    """
    if not hash_is_stable(type(key)):
        return ("id", id(key))
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
    if is_a(target, dict):
        subscript_dict(target, key, True if write == "resize" else write)
    elif issubclass(type(target), SEQUENCES):
        if is_a(key, slice):
            subscript_slice(target, key, write)
        elif write is None:
            access(target, STRUCTURE, True)
        elif type(key) in (int, bool):
            element(target, index_of(target, key), write)
    else:
        library.subscript_behind(target, key, write)


def builtin_subscript(kind: Any, write: Any) -> bool:
    """Whether a class leaves subscripts to the container that it extends; a method of its own has its own probes."""
    if write is None:
        return type(of_class(kind, "__delitem__")) is not types.FunctionType
    name = "__setitem__" if write else "__getitem__"
    method = of_class(kind, name)
    return type(method) is not types.FunctionType or method.__module__ in ("collections", "typing")


def subscript_dict(target: Any, key: Any, write: Any) -> None:
    place = key_of(key)
    simple = place[0] == "[" or vars(object)["__hash__"] is of_class(type(key), "__hash__")
    if write is False and type(target) is collections.defaultdict and target.default_factory is not None:
        write = simple and not dict.__contains__(target, key)
    if write is False:
        element(target, place, False)
        return
    if write is None or (simple and not dict.__contains__(target, key)):
        resize(target, place)
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


def attribute_of(target: Any, name: Any, write: bool, known: Any) -> None:
    """An access to `target.name`, where that is data and not a descriptor that runs; `known` is what was found out."""
    kind = race_kind(target, name, known)
    if kind == RACE_KIND_OWN:
        detector.access_attribute(target, name, write)
    elif kind in (RACE_KIND_METHOD, RACE_KIND_SHARED, RACE_KIND_CACHED):
        if write or race_has_own(target, name):
            detector.access_attribute(target, name, write)
        elif kind == RACE_KIND_SHARED:
            detector.access_attribute(target, name, False)
            found = race_class_with(type(target), name)
            if found:
                detector.access_attribute(race_object(found), name, False)
        elif kind == RACE_KIND_CACHED:
            detector.access_attribute(target, name, True)
    elif kind == RACE_KIND_MODULE:
        detector.access_global(target.__dict__, name, write)
    elif kind == RACE_KIND_CLASS:
        class_attribute(target, name, write)


def attribute(target: Any, name: str, write: bool) -> None:
    """An access to `target.name` by `getattr` and the like."""
    if detector.SWITCH.on:
        Probe(sys.intern(name), write).attr(target)


def class_attribute(target: Any, name: Any, write: bool) -> None:
    if write:
        detector.access_attribute(target, name, True)
    elif race_class_variable(target, name):
        found = race_class_with(target, name)
        if found:
            detector.access_attribute(race_object(found), name, False)


class ListSteps:
    """An iterator over a list that records each element."""

    def __init__(self, target: Any) -> None:
        self.target = target
        self.iterator = iter(target)
        self.index = 0

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        if detector.now(race_pointer(self.target)):
            if self.index < len(self.target):
                detector.access_index(self.target, self.index, False)
            else:
                detector.access_structure(self.target, False)
        self.index += 1
        return next(self.iterator)


class Probe:
    """One place of the program. Its bound methods are constants of the rewritten code."""

    def __init__(self, name: str, write: Any = False, extra: str = "") -> None:
        self.name = name
        self.write = write
        self.writes = bool(write)
        self.extra = extra
        self.what = ("variable", name, extra)
        self.plain = name not in SKIPPED

    def attr(self, target: Any) -> Any:
        word = detector.now(race_pointer(target))
        if word != 0 and word != self.last and self.plain:
            attribute_of(target, self.name, self.writes, race_word_at(self.known))
            self.last = word
        return target

    def attr_late(self, target: Any, value: Any) -> Any:
        """The value of `target.name += value`: the write comes after it."""
        word = detector.now(race_pointer(target))
        if word != 0 and word != self.late:
            attribute_of(target, self.name, True, race_word_at(self.known))
            self.late = word
        if word != 0 and race_container(value) != RACE_NONE:
            self.in_place(own(target, self.name), value)
        return value

    def variable(self, value: Any) -> Any:
        """A captured variable is read or written."""
        at = race_frame_cell(self.name)
        if at:
            word = detector.now(at)
            if word != 0 and word != self.last:
                detector.access_variable(race_object(at), self.what, self.writes)
                self.last = word
        return value

    def module_variable(self, value: Any) -> Any:
        """A global is read or written."""
        at = race_frame_globals()
        word = detector.now(at)
        if word != 0 and word != self.last:
            detector.access_global(race_object(at), self.name, self.writes)
            self.last = word
        return value

    def in_place(self, held: Any, value: Any) -> Any:
        """The value of `name += value`, where `name` holds `held`."""
        if race_container(held) != RACE_NONE and detector.SWITCH.on:
            library.contents(value)
            access(held, STRUCTURE, True)
        return value

    def get(self, target: Any, key: Any) -> Any:
        self.reached(target, key, False)
        return target[key]

    def reached(self, target: Any, key: Any, write: Any) -> None:
        """An access to `target[key]`."""
        word = detector.now(race_pointer(target))
        if word == 0:
            return
        if type(target) is list and type(key) is int and write is not None:
            detector.access_index(target, key + len(target) if key < 0 else key, bool(write))
        elif type(target) is dict and type(key) is str and (write is False or (write and key in target)):
            detector.access_key(target, key, bool(write))
        elif type(target) is not tuple and type(target) is not str:
            subscript(target, key, write)

    def place(self, target: Any, key: Any) -> Any:
        """`target` of `target[key]` that is about to be stored to, or deleted (None)."""
        self.reached(target, key, self.write)
        return target

    def key(self, target: Any, key: Any) -> Any:
        """The key of `target[key]` that is about to be stored to."""
        self.reached(target, key, self.write)
        return key

    def part(self, target: Any, lower: Any, upper: Any, step: Any) -> Any:
        """`target` of a slice."""
        if race_container(target) != RACE_NONE:
            subscript(target, slice(lower, upper, step), self.write)
        return target

    def inside(self, target: Any) -> Any:
        """`target` of `key in target`."""
        if detector.SWITCH.on and type(target) is not str and type(target) is not tuple:
            if type(target) is dict or type(target) is set:
                detector.access_structure(target, False)
            else:
                library.contained((target,), {})
        return target

    def place_late(self, target: Any, key: Any, value: Any) -> Any:
        """The value of `target[key] += value`."""
        self.reached(target, key, True)
        if race_container(value) != RACE_NONE and type(target) in (list, dict):
            library.in_place(target, key, value)
        return value

    @property
    def call(self) -> Any:
        """What makes a call of `function` with arguments: a C function that leaves most of them alone."""
        return race_caller_of(self)

    def callee(self, function: Any) -> Any:
        """A function kept somewhere that is about to be called: what records the call of a built-in one."""
        return function if type(function) is types.FunctionType else library.watched(function)

    def loop(self, value: Any) -> Any:
        if type(value) is range or not detector.SWITCH.on:
            return value
        return ListSteps(value) if type(value) is list else library.steps(value)

    def read_all(self, value: Any) -> Any:
        if detector.SWITCH.on and not race_is_scalar(value):
            library.contents(value)
        return value

    def size(self, value: Any) -> Any:
        if detector.SWITCH.on and not race_is_scalar(value):
            if type(value) is list or type(value) is dict or type(value) is set:
                detector.access_structure(value, False)
            else:
                library.truth(value)
        return value

    def dying(self, target: Any) -> None:
        detector.dying(target)


def recorded(function: Any, args: Any, kwargs: Any) -> Any:
    """Records a call; returns the arguments to make it with, None where it is of no interest, now and later."""
    if not detector.SWITCH.on:
        return args
    if function is len and len(args) == 1 and (type(args[0]) is list or type(args[0]) is dict):
        detector.access_structure(args[0], False)
        return args
    if type(function) is types.BuiltinMethodType and kwargs is None and frequent(function, args):
        return args
    effect = library.effect_of(function)
    if effect is None:
        return None
    changed = effect(args, kwargs or {})
    return args if changed is None else changed


def frequent(function: Any, args: Any) -> bool:
    """Records the methods of lists, dicts and sets that programs call most; false for another."""
    owner = function.__self__
    name = function.__name__
    if type(owner) is list:
        if name != "append" and (name != "pop" or args):
            return False
        detector.access_structure(owner, True)
    elif type(owner) is set:
        if name not in ("add", "discard", "remove"):
            return False
        detector.access_structure(owner, True)
    elif type(owner) is dict:
        if name in ("keys", "values", "items"):
            detector.access_structure(owner, False)
        elif name == "get" and args and type(args[0]) is str:
            detector.access_key(owner, args[0], False)
        else:
            return False
    else:
        return False
    return True


race_kinds_start(threading.local, collections.deque, array.array, functools.cached_property)
race_set_called(recorded)

from gofer.race import library  # noqa: E402 (it needs this module's names)
