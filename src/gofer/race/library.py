"""What built-in functions, methods of containers and parts of the standard library do to what they are given."""

from __future__ import annotations

import _io
import _socket
import array
import bisect
import collections
import copy
import dataclasses
import functools
import gc
import heapq
import itertools
import json
import math
import operator
import os
import pickle
import pprint
import random
import stat
import threading
import types
from collections.abc import Callable
from typing import Any

from gofer.race import detector, probes, reach
from gofer.race.detector import STRUCTURE, access, current, element, whole
from gofer.race.peek import is_a, of_class, own

CONTAINERS = probes.CONTAINERS
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
WRITERS = {
    "append", "extend", "insert", "remove", "clear", "sort", "reverse", "update", "popitem", "add", "discard",
    "difference_update", "intersection_update", "symmetric_difference_update", "extendleft", "rotate", "move_to_end",
    "__iadd__", "__imul__", "__ior__", "__iand__", "__isub__", "__ixor__", "frombytes", "fromlist", "byteswap",
    "fromunicode", "subtract", "fromfile", "__init__",
}  # fmt: skip
SIZED = {"keys", "values", "items", "__len__", "__contains__", "__bool__", "__iter__", "__reversed__"}
NEITHER = {
    "__class__", "__sizeof__", "__hash__", "__getattribute__", "__setattr__", "__new__", "__init_subclass__", "__dir__",
}  # fmt: skip
DEQUE_SAFE = {"append", "appendleft", "pop", "popleft"}
BUILTIN = (types.BuiltinMethodType, type([].__len__))
DESCRIPTOR = (types.MethodDescriptorType, types.WrapperDescriptorType)


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
        elif is_a(owner, probes.SEQUENCES):
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
        return detector.steps(value, iter(value), INDEXED if issubclass(kind, probes.SEQUENCES) else KEYS)
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


def method(target: Any, name: str, args: Any, kwargs: Any = None) -> None:
    """A method of a built-in container is about to be called."""
    if name in NEITHER:
        return
    if issubclass(type(target), collections.deque) and name in DEQUE_SAFE:
        hand_over(target, name, args)
    elif is_a(target, dict):
        dict_method(target, name, args, kwargs or {})
    elif name in ("__setitem__", "__getitem__", "__delitem__") and args:
        probes.subscript_builtin(
            target, args[0], {"__setitem__": True, "__getitem__": False, "__delitem__": None}[name]
        )
    elif name in WRITERS or name == "pop":
        for argument in args:
            listed(argument)
        if kwargs:
            by_key((target,), kwargs.get("key"))
        access(target, STRUCTURE, True)
    elif name in SIZED and not (name == "__contains__" and not is_a(target, (set, frozenset))):
        access(target, STRUCTURE, False)
    else:
        whole(target)
        for argument in args:
            contents(argument)


def dict_method(target: Any, name: str, args: Any, kwargs: Any) -> None:
    if name in ("get", "__getitem__") and args:
        probes.subscript_builtin(target, args[0], False)
    elif name == "setdefault" and args:
        probes.subscript_builtin(target, args[0], False)
        if comparable(args[0]) and not dict.__contains__(target, args[0]):
            probes.subscript_builtin(target, args[0], True)
    elif name in ("pop", "__delitem__") and args:
        probes.subscript_builtin(target, args[0], None)
    elif name == "__setitem__" and args:
        probes.subscript_builtin(target, args[0], True)
    elif name in SIZED:
        access(target, STRUCTURE, False)
    elif name in ("update", "__ior__", "__init__"):
        updated(target, args, kwargs)
    elif name == "move_to_end" or name in WRITERS:
        access(target, STRUCTURE, True)
    else:
        whole(target)
        for argument in args:
            contents(argument)


def comparable(key: Any) -> bool:
    """Whether a dict can be asked for a key without running the program's code."""
    return type(key) in probes.PRIMITIVE or type(of_class(type(key), "__hash__")) is types.WrapperDescriptorType


def updated(target: Any, args: Any, kwargs: Any) -> None:
    """A dict takes over what another holds, or pairs."""
    for argument in args:
        contents(argument)
        if is_a(target, collections.Counter) and is_a(argument, (list, tuple, str)):
            keys = list(argument)
        elif is_a(argument, (list, tuple)):
            keys = [pair[0] for pair in argument if is_a(pair, (list, tuple)) and pair]
        elif is_a(argument, dict):
            keys = list(dict.keys(argument))
        else:
            access(target, STRUCTURE, True)
            keys = []
        for key in keys:
            probes.subscript_builtin(target, key, True)
    for key in kwargs:
        probes.subscript_builtin(target, key, True)


def hand_over(target: Any, name: str, args: Any) -> None:
    """A deque's synchronised methods order the value that they hand over; they do not race with each other."""
    if name.startswith("append"):
        if args:
            detector.hand_over(target, args[0], name == "appendleft")
    elif collections.deque.__len__(target):
        value = collections.deque.__getitem__(target, -1 if name == "pop" else 0)
        detector.take_over(target, value, name == "popleft")


def subscript_behind(target: Any, key: Any, write: Any) -> None:
    """A subscript of what stands in front of a container."""
    if type(target) is types.MappingProxyType:
        for owner in owners(target):
            probes.subscript(owner, key, write)


# -- input and output: what is written to a file, pipe or socket comes before the read that gets it --

WRITTEN: dict[Any, Any] = {}
IO_WRITERS = {"write", "writelines", "send", "sendall", "sendto", "sendmsg"}
IO_READERS = {"read", "readline", "readlines", "read1", "readinto", "recv", "recv_into", "recvfrom", "recvmsg"}


class After:
    """Arguments of a call, and what is to be done when it has returned."""

    def __init__(self, args: Any, done: Callable[[], None]) -> None:
        self.args = args
        self.done = done

    def make(self, function: Any, kwargs: Any) -> Any:
        """Makes the call."""
        result = function(*self.args, **kwargs)
        self.done()
        return result


def channel_of(target: Any) -> Any:
    """What stands for a file or pipe: its inode; sockets are one, since nothing tells which two are connected."""
    try:
        found = os.fstat(target if is_a(target, int) else target.fileno())
    except (OSError, ValueError, AttributeError):
        return None
    return "socket" if stat.S_ISSOCK(found.st_mode) else (found.st_dev, found.st_ino)


def io_write(target: Any) -> None:
    """Something is about to be written."""
    key = channel_of(target)
    if key is not None:
        with detector.GATE:
            WRITTEN[key] = detector.join(WRITTEN.get(key), detector.snapshot_of(current()))


def io_read(target: Any, args: Any) -> After:
    """Something is about to be read."""
    key = channel_of(target)
    return After(args, lambda: detector.acquire_into(current(), WRITTEN.get(key)))


# -- functions: what each does, by the function itself --

Effect = Callable[[Any, Any], Any]


def size(args: Any, kwargs: Any) -> None:
    for argument in args[:1]:
        truth(argument)


def everything(args: Any, kwargs: Any) -> None:
    for argument in (*args, *kwargs.values()):
        contents(argument)


def in_order(args: Any, kwargs: Any) -> None:
    for argument in args:
        listed(argument)


def keyed(args: Any, kwargs: Any) -> None:
    """Goes over its arguments, perhaps with a `key` that is written in C."""
    in_order(args, kwargs)
    by_key(args, kwargs.get("key"))


def by_key(args: Any, key: Any) -> None:
    """A function is called with each item of the arguments."""
    effect = None if key is None or type(key) in PLAIN else effect_of(key)
    if effect is not None:
        for item in [part for argument in args for part in reach.parts_of(argument)]:
            effect((item,), {})


def stepwise(args: Any, kwargs: Any) -> Any:
    return tuple(steps(argument) for argument in args)


def applied(args: Any, kwargs: Any) -> Any:
    return (watched(args[0]), *[steps(argument) for argument in args[1:]]) if args else args


def reduced(args: Any, kwargs: Any) -> Any:
    """`reduce(function, items, initial)`."""
    return (watched(args[0]), steps(args[1]), *args[2:]) if len(args) > 1 else args


def next_of(args: Any, kwargs: Any) -> None:
    if args:
        if type(args[0]) is types.GeneratorType:
            access(args[0], "next", True)
        elif type(args[0]) in ITERATORS:
            advance(args[0])


def reordered(args: Any, kwargs: Any) -> None:
    """The first argument is read and changed throughout, the others are read."""
    everything(args[1:], {})
    for argument in args[:1]:
        if issubclass(type(argument), CONTAINERS):
            whole(argument)
            access(argument, STRUCTURE, True)


def extended(args: Any, kwargs: Any) -> None:
    """`a += b` as a function."""
    if args and issubclass(type(args[0]), CONTAINERS):
        method(args[0], "__iadd__", args[1:])


def read_by_name(args: Any, kwargs: Any) -> None:
    if len(args) > 1 and type(args[1]) is str:
        probes.attribute(args[0], args[1], False)


def written_by_name(args: Any, kwargs: Any) -> None:
    if len(args) > 1 and type(args[1]) is str:
        probes.attribute(args[0], args[1], True)


def subscripted(write: Any) -> Effect:
    def effect(args: Any, kwargs: Any) -> None:
        if len(args) > 1:
            probes.subscript(args[0], args[1], write)

    return effect


def contained(args: Any, kwargs: Any) -> None:
    for argument in args[:1]:
        if is_a(argument, (dict, set, frozenset)):
            access(argument, STRUCTURE, False)
        else:
            contents(argument)


EFFECTS: dict[Any, Effect] = {
    len: size, bool: size, operator.truth: size, operator.not_: size, operator.length_hint: size,
    iter: size, reversed: size,
    sorted: keyed, min: keyed, max: keyed, list: in_order, tuple: in_order, set: in_order, frozenset: in_order,
    sum: in_order, any: in_order, all: in_order, bytes: in_order, bytearray: in_order,
    dict.fromkeys: in_order, collections.deque: in_order, collections.Counter: everything,
    collections.OrderedDict: everything, dict: everything, str: everything, repr: everything, print: everything,
    format: everything, ascii: everything, copy.copy: reach.copied("all"), copy.deepcopy: reach.reached("all"),
    json.dumps: reach.reached(""), json.dump: reach.reached(""), pprint.pprint: reach.reached(""),
    pprint.pformat: reach.reached(""),
    pickle.dumps: reach.reached("all"), pickle.dump: reach.reached("all"), dataclasses.asdict: reach.reached("fields"),
    dataclasses.astuple: reach.reached("fields"), dataclasses.replace: reach.copied("fields"), array.array: in_order,
    math.fsum: in_order, math.prod: in_order, math.dist: in_order,
    bisect.bisect: everything, bisect.bisect_left: everything, bisect.bisect_right: everything,
    bisect.insort: reordered, bisect.insort_left: reordered, bisect.insort_right: reordered,
    heapq.heappush: reordered, heapq.heappop: reordered, heapq.heapify: reordered, heapq.heapreplace: reordered,
    heapq.heappushpop: reordered, heapq.nlargest: keyed, heapq.nsmallest: keyed, heapq.merge: stepwise,
    random.shuffle: reordered, random.choice: everything, random.sample: everything, random.choices: everything,
    functools.reduce: reduced, map: applied, filter: applied, enumerate: stepwise, zip: stepwise, next: next_of,
    itertools.chain.from_iterable: stepwise,
    itertools.chain: stepwise, itertools.islice: stepwise, itertools.accumulate: stepwise, itertools.cycle: stepwise,
    itertools.zip_longest: stepwise, itertools.pairwise: stepwise, itertools.tee: stepwise, itertools.groupby: stepwise,
    itertools.takewhile: applied, itertools.dropwhile: applied, itertools.filterfalse: applied,
    itertools.starmap: applied, itertools.compress: stepwise, itertools.product: in_order,
    itertools.permutations: in_order, itertools.combinations: in_order,
    operator.setitem: subscripted(True), operator.getitem: subscripted(False), operator.delitem: subscripted(None),
    operator.contains: contained, operator.eq: everything, operator.ne: everything, operator.lt: everything,
    operator.le: everything, operator.gt: everything, operator.ge: everything, operator.add: everything,
    operator.concat: everything, operator.mul: everything, operator.or_: everything, operator.and_: everything,
    operator.sub: everything, operator.countOf: everything, operator.indexOf: everything,
    operator.iadd: extended, operator.ior: extended, operator.iconcat: extended, operator.iand: extended,
    os.write: lambda args, kwargs: io_write(args[0]), os.read: lambda args, kwargs: io_read(args[0], args),
    getattr: read_by_name, hasattr: read_by_name, setattr: written_by_name, delattr: written_by_name,
    object.__setattr__: written_by_name, object.__delattr__: written_by_name, object.__getattribute__: read_by_name,
}  # fmt: skip
# What is written in Python is known by its function, also where it is a bound method.
METHODS_OF_LIBRARY: dict[Any, Effect] = {
    getattr(function, "__func__", function).__code__: effect
    for function, effect in EFFECTS.items()
    if hasattr(getattr(function, "__func__", function), "__code__")
}
METHODS_OF_COUNTER = {
    function.__code__: name
    for name, function in vars(collections.Counter).items()
    if name in ("most_common", "elements", "total", "update", "subtract", "copy")
}
PLAIN = (types.FunctionType, types.MethodType)


def effect_of(function: Any) -> Effect | None:
    """What a call of the function does to its arguments, where that is known and seen nowhere else."""
    kind = type(function)
    if kind in PLAIN:
        return effect_of_plain(function)
    if issubclass(kind, BUILTIN):
        owner = function.__self__
        return EFFECTS.get(function) if is_a(owner, types.ModuleType) else effect_of_bound(owner, function)
    if kind is type:
        return EFFECTS.get(function)
    if issubclass(kind, DESCRIPTOR):
        return EFFECTS.get(function) or effect_of_unbound(function)
    if kind is functools.partial:
        return effect_of_partial(function)
    if kind is operator.attrgetter or kind is operator.itemgetter or kind is operator.methodcaller:
        return effect_of_getter(function)
    return None


def effect_of_plain(function: Any) -> Effect | None:
    """What a function or method written in Python does, where it is one of the library's."""
    inner = function.__func__ if type(function) is types.MethodType else function
    if type(inner) is not types.FunctionType:
        return None
    code = inner.__code__
    if inner is not function and code in METHODS_OF_COUNTER:
        owner = function.__self__
        return lambda args, kwargs: method(owner, METHODS_OF_COUNTER[code], args, kwargs)
    return in_order if inner.__module__ == "statistics" else METHODS_OF_LIBRARY.get(code)


def effect_of_bound(owner: Any, function: Any) -> Effect | None:
    name = function.__name__
    if is_a(owner, (_io._IOBase, _socket.socket)):
        if name in IO_WRITERS:
            return lambda args, kwargs: io_write(owner)
        return (lambda args, kwargs: io_read(owner, args)) if name in IO_READERS else None
    if issubclass(type(owner), CONTAINERS):
        return lambda args, kwargs: method(owner, name, args, kwargs)
    if is_a(owner, str) and name in ("join", "format", "format_map"):
        return everything
    if type(owner) is types.GeneratorType and name in ("send", "throw", "close", "__next__"):
        return lambda args, kwargs: access(owner, "next", True)
    if type(owner) in ITERATORS and name == "__next__":
        return lambda args, kwargs: advance(owner)
    if is_a(owner, types.MappingProxyType):
        return effect_of_proxy(owner, name)
    if name == "__setattr__" or name == "__delattr__":
        return lambda args, kwargs: written_by_name((owner, *args), kwargs)
    if name == "__getattribute__":
        return lambda args, kwargs: read_by_name((owner, *args), kwargs)
    return EFFECTS.get(function)


def effect_of_proxy(owner: Any, name: str) -> Effect:
    def effect(args: Any, kwargs: Any) -> None:
        for held in owners(owner):
            method(held, name, args, kwargs)

    return effect


def effect_of_unbound(function: Any) -> Effect | None:
    name = function.__name__

    def effect(args: Any, kwargs: Any) -> None:
        if args and issubclass(type(args[0]), CONTAINERS):
            method(args[0], name, args[1:], kwargs)
        elif args and is_a(args[0], str) and name in ("join", "format"):
            everything(args[1:], kwargs)

    return effect


def effect_of_partial(function: Any) -> Effect | None:
    inner = effect_of(function.func)
    if inner is None:
        return None
    given = len(function.args)

    def effect(args: Any, kwargs: Any) -> Any:
        changed = inner((*function.args, *args), {**function.keywords, **kwargs})
        if type(changed) is After:
            return After(args, changed.done)
        return None if changed is None else changed[given:]

    return effect


def effect_of_getter(function: Any) -> Effect | None:
    kind, parts = function.__reduce__()[:2]

    def effect(args: Any, kwargs: Any) -> None:
        if not args:
            return
        target = args[0]
        if kind is operator.itemgetter:
            for key in parts:
                probes.subscript(target, key, False)
        elif kind is operator.attrgetter:
            for path in parts:
                follow(target, path.split("."))
        elif issubclass(type(target), CONTAINERS):
            method(target, parts[0], parts[1:])

    return effect


def follow(target: Any, names: list[str]) -> None:
    for name in names:
        probes.attribute(target, name, False)
        target = own(target, name)
        if target is None:
            return


def called(function: Any, args: Any, kwargs: Any = None) -> Any:
    """Records what a call of a built-in function does to containers; returns its arguments, some of them wrapped."""
    effect = effect_of(function)
    if effect is None:
        return args
    changed = effect(args, kwargs or {})
    return args if changed is None else changed


class Watched:
    """A built-in function in a place from where others call it; each call is recorded."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        seen = called(self.function, args, kwargs)
        if type(seen) is not After:
            return self.function(*seen, **kwargs)
        return seen.make(self.function, kwargs)


def watched(function: Any) -> Any:
    """The function itself, or what records its calls where nothing else would."""
    return function if type(function) in PLAIN or effect_of(function) is None else Watched(function)
