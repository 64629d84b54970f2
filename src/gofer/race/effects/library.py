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
import heapq
import itertools
import json
import math
import operator
import os
import pickle
import pprint
import random
import sys
import types
from collections.abc import Callable
from typing import Any

from gofer._core.sync.plainmap import Map
from gofer.race.effects import probes, reach
from gofer.race.effects.files import IO_READERS, IO_WRITERS, After, io_read, io_write
from gofer.race.effects.peek import CONTAINERS, is_a, of_class, own
from gofer.race.effects.reads import ITERATORS, advance, contents, listed, owners, steps, truth
from gofer.race.engine import detector
from gofer.race.engine.detector import STRUCTURE, access, whole

WRITERS = {
    "append", "extend", "insert", "remove", "clear", "sort", "reverse", "update", "popitem", "add", "discard",
    "difference_update", "intersection_update", "symmetric_difference_update", "extendleft", "rotate", "move_to_end",
    "__iadd__", "__imul__", "__ior__", "__iand__", "__isub__", "__ixor__", "frombytes", "fromlist", "byteswap",
    "fromunicode", "subtract", "fromfile", "__init__", "resize", "take_bytes",
}  # fmt: skip
SIZED = {"keys", "values", "items", "__len__", "__contains__", "__bool__", "__iter__", "__reversed__"}
NEITHER = {
    "__class__", "__sizeof__", "__hash__", "__getattribute__", "__setattr__", "__new__", "__init_subclass__", "__dir__",
}  # fmt: skip
DEQUE_SAFE = {"append", "appendleft", "pop", "popleft"}
BUILTIN = (types.BuiltinMethodType, type([].__len__))
DESCRIPTOR = (types.MethodDescriptorType, types.WrapperDescriptorType)


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
    """True if a dict can be asked for a key without running the program's code."""
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


# -- functions: what each does, by the function itself --

Effect = Callable[[Any, Any], Any]


def size(args: Any, kwargs: Any) -> None:
    for argument in args[:1]:
        truth(argument)


def everything(args: Any, kwargs: Any) -> None:
    for argument in (*args, *kwargs.values()):
        contents(argument)


def read_too(args: Any, kwargs: Any) -> None:
    """Its arguments are read, and something that is known otherwise is done."""
    everything(args, {})


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


def called_first(args: Any, kwargs: Any) -> Any:
    return (watched(args[0]), *args[1:]) if args else args


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


def written_to(args: Any, kwargs: Any) -> None:
    for argument in args[:1]:
        io_write(argument)


def read_from(args: Any, kwargs: Any) -> Any:
    return io_read(args[0], args) if args else args


def sent(args: Any, kwargs: Any) -> Any:
    """`sendfile(to, of, ...)`."""
    written_to(args, kwargs)
    return io_read(args[1], args) if len(args) > 1 else args


def spliced(args: Any, kwargs: Any) -> Any:
    """`splice(of, to, ...)`."""
    written_to(args[1:], kwargs)
    return read_from(args, kwargs)


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
    collections.OrderedDict: everything, Map: read_too, dict: everything, str: everything, repr: everything,
    print: everything, format: everything, ascii: everything,
    copy.copy: reach.copied("all"), copy.deepcopy: reach.reached("all"),
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
    operator.xor: everything, operator.ixor: extended, operator.isub: extended, operator.imul: extended,
    operator.call: called_first, itertools.combinations_with_replacement: in_order,
    **dict.fromkeys((os.write, os.writev, os.pwrite, os.pwritev), written_to),
    **dict.fromkeys((os.read, os.readv, os.pread, os.preadv), read_from), os.sendfile: sent,
    getattr: read_by_name, hasattr: read_by_name, setattr: written_by_name, delattr: written_by_name,
    object.__setattr__: written_by_name, object.__delattr__: written_by_name, object.__getattribute__: read_by_name,
}  # fmt: skip
# What is not in every version that gofer runs on.
NEWER: dict[str, Effect] = {
    "builtins.frozendict": everything, "builtins.frozendict.fromkeys": in_order, "copy.replace": reach.replaced,
    "heapq.heapify_max": reordered, "heapq.heappop_max": reordered, "heapq.heappush_max": reordered,
    "heapq.heappushpop_max": reordered, "heapq.heapreplace_max": reordered, "itertools.batched": stepwise,
    "math.sumprod": in_order, "os.readinto": read_from, "os.splice": spliced,
    "threading.concurrent_tee": stepwise, "threading.serialize_iterator": stepwise,
}  # fmt: skip


def find(path: str) -> Any:
    """What a module has under a dotted name; None where this version has it not."""
    module, *names = path.split(".")
    found: Any = sys.modules[module]
    for name in names:
        found = getattr(found, name, None)
    return found


EFFECTS |= {find(path): effect for path, effect in NEWER.items() if find(path) is not None}
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
PLACEHOLDER = getattr(functools, "Placeholder", object())


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
    if is_a(owner, Map) and name in vars(Map):  # it tells of its own accesses itself
        return read_too if name in ("update", "__ior__", "__or__", "__ror__", "__eq__", "__ne__") else None
    if issubclass(type(owner), CONTAINERS):
        return lambda args, kwargs: method(owner, name, args, kwargs)
    if is_a(owner, (str, bytes)) and name in ("join", "format", "format_map", "translate"):
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
        elif args and is_a(args[0], (str, bytes)) and name in ("join", "format", "format_map", "translate"):
            everything(args[1:], kwargs)

    return effect


class Filled:
    """The arguments, all of them, with which a `functools.partial` is to call its function."""

    def __init__(self, partial: Any, args: Any) -> None:
        self.partial = partial
        self.args = args

    def make(self, function: Any, kwargs: Any) -> Any:
        """Makes the call."""
        return self.partial.func(*self.args, **{**self.partial.keywords, **kwargs})


def effect_of_partial(function: Any) -> Effect | None:
    inner = effect_of(function.func)
    if inner is None:
        return None
    held = function.args
    open_places = [place for place, part in enumerate(held) if part is PLACEHOLDER]

    def effect(args: Any, kwargs: Any) -> Any:
        if len(args) < len(open_places):
            return None  # the call says so
        filled = list(held)
        for place, argument in zip(open_places, args, strict=False):
            filled[place] = argument
        changed = inner((*filled, *args[len(open_places) :]), {**function.keywords, **kwargs})
        if type(changed) is After:
            return After(args, changed.done)
        return None if changed is None else Filled(function, changed)

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
        return self.function(*seen, **kwargs) if type(seen) is tuple else seen.make(self.function, kwargs)


def watched(function: Any) -> Any:
    """The function itself, or what records its calls where nothing else would."""
    return function if type(function) in PLAIN or effect_of(function) is None else Watched(function)
