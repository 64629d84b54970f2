"""What is read by who reads everything that can be reached from an object: copies, pickles, JSON, `asdict`."""

from __future__ import annotations

import builtins
import collections
import types
from collections.abc import Callable
from typing import Any

from gofer.race.effects import probes, reads
from gofer.race.effects.peek import held, is_a, of_class, order, space

MOST = 10_000  # so many objects are looked at in one call
SEQUENTIAL = (list, tuple, set, frozenset, collections.deque)
MAPPINGS: Any = (dict, *[vars(builtins)[name] for name in ("frozendict",) if name in vars(builtins)])  # that since 3.15
OWN_WAY = ("__deepcopy__", "__copy__", "__reduce__", "__reduce_ex__", "__getstate__")


def deep(value: Any, attributes: str = "") -> None:
    """A container is read with all that is in it, and objects with their attributes: none, `all`, or the `fields`."""
    waiting: list[Any] = [value]
    known: set[int] = set()
    while waiting and len(known) < MOST:
        found = waiting.pop()
        kind = type(found)
        if kind in probes.PRIMITIVE or id(found) in known:
            continue
        known.add(id(found))
        reads.contents(found)
        mapping = next((base for base in MAPPINGS if issubclass(kind, base)), None)
        parts = parts_of(found) if mapping is None else list(mapping.values(found))
        waiting += parts
        if attributes and not parts:
            waiting += state(found, attributes)


def parts_of(value: Any) -> list[Any]:
    """What a container of a built-in type holds; of a dict its keys."""
    kind = type(value)
    base = next((base for base in (*MAPPINGS, *SEQUENTIAL) if issubclass(kind, base)), None)
    return [] if base is None else list(base.__iter__(value))


def state(value: Any, attributes: str) -> list[Any]:
    """The attributes of an object are read; what they hold. A class with a method of its own for it is left to that."""
    kind = type(value)
    if is_a(value, type) or any(type(of_class(kind, name)) is types.FunctionType for name in OWN_WAY):
        return []
    slots = {
        name: slot
        for base in order(kind)
        for name, slot in space(base).items()
        if type(slot) is types.MemberDescriptorType and type(of_class(kind, name)) is types.MemberDescriptorType
    }
    own = held(value)
    fields = of_class(kind, "__dataclass_fields__") or () if attributes == "fields" else (*slots, *own)
    found = []
    for name in [name for name in fields if type(name) is str]:
        probes.attribute(value, name, False)
        try:
            found.append(own[name] if name in own else slots[name].__get__(value) if name in slots else None)
        except AttributeError:  # a slot without a value
            continue
    return found


def reached(attributes: str) -> Callable[[Any, Any], None]:
    """The first argument is read with all that can be reached from it."""

    def effect(args: Any, kwargs: Any) -> None:
        for argument in args[:1]:
            deep(argument, attributes)

    return effect


def copied(attributes: str) -> Callable[[Any, Any], None]:
    """The first argument is read, a container or an object with its attributes."""

    def effect(args: Any, kwargs: Any) -> None:
        for argument in args[:1]:
            reads.contents(argument)
            state(argument, attributes)

    return effect


def replaced(args: Any, kwargs: Any) -> None:
    """`copy.replace`: the attributes of an object are read, by its class's method if that is one of the library's."""
    for argument in args[:1]:
        kind = type(argument)
        if type(of_class(kind, "__replace__")) is not types.FunctionType:
            state(argument, "all")
        elif of_class(kind, "__dataclass_fields__") is not None:
            state(argument, "fields")
