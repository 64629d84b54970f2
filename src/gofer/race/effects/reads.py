"""What is read of a container by who goes over it, asks for its size or takes its next element."""

from __future__ import annotations

import array
import collections
import gc
import threading
import types
from typing import Any

from gofer.race.effects.peek import CONTAINERS, SEQUENCES, is_a, of_class
from gofer.race.engine import detector
from gofer.race.engine.detector import STRUCTURE, access, current, element, whole

VIEWS: Any = (type({}.keys()), type({}.values()), type({}.items()))
ORDERED_VIEWS: Any = tuple(type(getattr(collections.OrderedDict(), name)()) for name in ("keys", "values", "items"))
ARRAY_ITERATOR = type(iter(array.array("b")))
ORDERS: Any = (iter, reversed)
DICT: dict[Any, Any] = {}
VALUED: Any = tuple(type(order(part)) for order in ORDERS for part in (DICT.values(), DICT.items()))
ITERATORS: Any = (
    *VALUED, *[type(order(kind())) for order in ORDERS for kind in (list, dict, collections.deque)],
    type(iter(collections.OrderedDict())), type(iter(set())), type(iter(bytearray())), ARRAY_ITERATOR, reversed,
)  # fmt: skip


def contents(value: Any) -> None:
    """Something reads everything that a container holds."""
    kind = type(value)
    if issubclass(kind, CONTAINERS):
        whole(value)
    elif issubclass(kind, VIEWS):
        view(value)
    elif kind is types.GeneratorType:
        access(value, "next", True)
    elif kind in ITERATORS:
        rest(value)
    elif kind is types.MappingProxyType:
        for owner in owners(value):
            whole(owner)


def listed(value: Any) -> None:
    """Something goes over a container: of a dict it reads the keys only."""
    if is_a(value, dict):
        access(value, STRUCTURE, False)
    else:
        contents(value)


def view(value: Any) -> None:
    owner = view_owner(value)
    if is_a(value, VIEWS[0]):
        access(owner, STRUCTURE, False)
    else:
        whole(owner)


def owners(value: Any) -> list[Any]:
    """The containers behind a proxy."""
    return [owner for owner in gc.get_referents(value) if is_a(owner, CONTAINERS)]


def view_owner(value: Any) -> Any:
    """The dict of a view (its `mapping` is a proxy, which hides it)."""
    found = owners(value)
    return found[0] if found else value


def rest(iterator: Any) -> None:
    """Something uses up an iterator of a container."""
    access(iterator, "next", True)
    for owner in owners(iterator):
        contents(owner)


def advance(iterator: Any) -> None:
    """Something takes the next item of an iterator of a container."""
    access(iterator, "next", True)
    for owner in owners(iterator):
        access(owner, STRUCTURE, False)
        if type(iterator) in VALUED:
            whole(owner)
        elif is_a(owner, SEQUENCES):
            stepped(owner, iterator)


def stepped(owner: Any, iterator: Any) -> None:
    """The element of a sequence that its iterator comes to next is read."""
    size = len(owner)
    if is_a(iterator, ARRAY_ITERATOR):
        left = size - (*iterator.__reduce__(), size)[2]  # it gives no hint, and no index once it has ended
    else:
        left = iterator.__length_hint__()
    if 0 < left <= size:
        element(owner, ("[", left - 1 if "reverse" in type(iterator).__name__ else size - left), False)


def local_used(target: Any) -> None:
    """A `threading.local` is used: a task of a pool may find there what earlier tasks of its thread have left."""
    detector.acquire_into(current(), threading.current_thread().__dict__.get("_gofer_race_tasks"))


def truth(value: Any) -> None:
    """Something asks for the size of a container."""
    if issubclass(type(value), CONTAINERS):
        access(value, STRUCTURE, False)
    elif issubclass(type(value), VIEWS):
        access(view_owner(value), STRUCTURE, False)
    elif type(value) is types.MappingProxyType:
        for owner in owners(value):
            access(owner, STRUCTURE, False)


KEYS, INDEXED, GENERATED, ITERATED = 0, 3, 4, 5  # as in steps.h


def steps(value: Any) -> Any:
    """What a loop over `value` goes over."""
    kind = type(value)
    if issubclass(kind, CONTAINERS):
        if type(of_class(kind, "__iter__")) is not types.WrapperDescriptorType:
            return value
        return detector.steps(value, iter(value), INDEXED if issubclass(kind, SEQUENCES) else KEYS)
    if issubclass(kind, VIEWS):
        mode = next(mode for mode, view in enumerate(VIEWS) if issubclass(kind, view))
        return detector.steps(view_owner(value), iter(value), mode)
    if kind is types.GeneratorType:
        return detector.steps(value, value, GENERATED)
    if kind in ITERATORS:
        return detector.steps(value, value, ITERATED)
    if kind is types.MappingProxyType and owners(value):
        return detector.steps(owners(value)[0], iter(value), KEYS)
    return value
