"""The probes that the rewritten program calls: each records an access and returns its argument, or makes the call.

The commonest are C functions (`attributes.h`, `elements.h`, `calls.h`); what they leave to Python is here, in
`library` and in `calls`. Compiled only.
"""

# mypy: disable-error-code="name-defined,no-any-return,attr-defined,has-type"
# ruff: noqa: F821

from __future__ import annotations

import collections
import sys
import types
from typing import Any

from gofer.race.effects import reads
from gofer.race.effects.peek import CONTAINERS, SEQUENCES, hash_is_stable, is_a, of_class, own
from gofer.race.engine import detector
from gofer.race.engine.detector import STRUCTURE, access, current, element, resize, whole

PRIMITIVE = (str, int, bytes, float, bool, type(None), complex)
WHATS: dict[tuple[str, str, str], tuple[str, str, str]] = {}  # equal keys are one object, which is found faster
WAYS = {False: 0, True: 1, None: 2, "resize": 3}
OPERATORS = (
    "Add", "Sub", "Mult", "MatMult", "Div", "Mod", "Pow", "LShift", "RShift", "BitOr", "BitXor", "BitAnd", "FloorDiv",
)  # fmt: skip
VALUES: Any = ((str, str.__str__), (int, int.__int__), (tuple, tuple.__iter__))
SKIPPED = ("__class__", "__dict__", "__doc__", "__module__", "__name__", "__slots__")


def key_of(key: Any) -> Any:
    """What stands for a key or index: the value where that is immutable, else its identity."""
    key = plain(key)
    if type(key) in PRIMITIVE or (type(key) is tuple and all(type(part) in PRIMITIVE for part in key)):
        return ("[", key)
    if vars(object)["__hash__"] is of_class(type(key), "__hash__"):
        return ("id", id(key))
    return hash_of(key)


def plain(key: Any) -> Any:
    """The value of a key whose class, a named tuple or an IntEnum say, is equal to values of a built-in one."""
    kind = type(key)
    if kind in PRIMITIVE or kind is tuple:
        return key
    for base, convert in VALUES:
        if issubclass(kind, base) and all(of_class(kind, name) is vars(base)[name] for name in ("__hash__", "__eq__")):
            return tuple(convert(key)) if base is tuple else convert(key)
    return key


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
        elif is_a(key, int):
            element(target, index_of(target, int.__int__(key)), write)
    else:
        subscript_behind(target, key, write)


def subscript_behind(target: Any, key: Any, write: Any) -> None:
    """A subscript of what stands in front of a container."""
    if type(target) is types.MappingProxyType:
        for owner in reads.owners(target):
            subscript(owner, key, write)


def builtin_subscript(kind: Any, write: Any) -> bool:
    """True if a class leaves subscripts to the container that it extends; a method of its own has its own probes."""
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


def attribute(target: Any, name: str, write: bool) -> None:
    """An access to `target.name` by `getattr` and the like."""
    if name not in SKIPPED:
        detector.attribute(target, sys.intern(name), write)


class Probe:
    """One place of the program. Its functions are constants of the rewritten code."""

    def __init__(self, name: str = "", write: Any = False, extra: str = "", operator: str = "Add") -> None:
        self.name = sys.intern(name)
        self.write = write
        what = ("variable", name, extra)
        self.what = WHATS.setdefault(what, what)
        self.at.name = race_held(self.name)
        self.at.what = race_held(self.what)
        self.at.write = WAYS[write]
        self.at.plain = name not in SKIPPED
        self.at.operator = OPERATORS.index(operator)

    def held_in_place(self, target: Any, value: Any) -> None:
        """The value of `target.name += value`."""
        held = own(target, self.name)
        if issubclass(type(held), CONTAINERS):
            reads.contents(value)
            access(held, STRUCTURE, True)

    def dying(self, target: Any) -> None:
        """A destructor starts."""
        detector.dying(target)


def check_layout(probe: Probe) -> None:
    """Stops the import where C would not find what it needs of a probe."""
    if race_probe_of(race_pointer(probe)) != race_probe_at(probe.at):
        raise ImportError("gofer.race: this Cython lays out Probe otherwise than probe.h expects")


def function_at(name: str, probe: Probe) -> Any:
    """What the rewritten program calls: a C function, or a method of the probe."""
    found = detector.function_of(probe, name)
    return getattr(probe, name) if found is None else found


check_layout(Probe())
