"""Looking at objects of the program without running any of its code.

`isinstance`, `getattr`, `hasattr` and `vars` may all call methods that a class or its metaclass has of its own.
"""

from __future__ import annotations

import array
import collections
import dis
import types
from typing import Any

SEQUENCES = (list, bytearray, array.array, collections.deque)
CONTAINERS = (list, dict, set, bytearray, collections.deque, array.array)

order = vars(type)["__mro__"].__get__
space = vars(type)["__dict__"].__get__
_name = vars(type)["__name__"].__get__
HARMLESS = {
    "abs", "bool", "bytes", "float", "frozenset", "hash", "id", "int", "len", "max", "min", "object",
    "repr", "round", "sorted", "str", "sum", "super", "tuple", "type",
}  # fmt: skip
_stable: dict[Any, bool] = {}


def is_a(value: Any, kinds: Any) -> bool:
    """`isinstance` by the object's real class; the kinds must have `type` as their metaclass."""
    return issubclass(type(value), kinds)


def names_of(kind: Any) -> list[str]:
    """The names of a class and its bases."""
    return [_name(base) for base in order(kind)]


def of_class(kind: Any, name: str) -> Any:
    """What a class or one of its bases has under a name, as it is; None where none has it."""
    for base in order(kind):
        found = space(base)
        if name in found:
            return found[name]
    return None


def held(value: Any) -> dict[Any, Any]:
    """An object's own dict; an empty one where it has none."""
    holder = of_class(type(value), "__dict__")
    described = type(holder) in (types.GetSetDescriptorType, types.MemberDescriptorType)
    return holder.__get__(value) if described else {}


def own(value: Any, name: str) -> Any:
    """What an object has under a name in its own dict; None where it has nothing there."""
    return held(value).get(name)


def hash_is_stable(kind: Any) -> bool:
    """True if the hash of a class's instances can be asked for once more, and the program cannot tell.

    So it is where C computes it, and where its code stores nothing and calls nothing but methods and what is harmless.
    """
    method = of_class(kind, "__hash__")
    if type(method) is not types.FunctionType:
        return type(method) in (types.WrapperDescriptorType, types.MethodDescriptorType)
    code = method.__code__
    if code not in _stable:
        _stable[code] = stores_nothing(code)
    return _stable[code]


def stores_nothing(code: types.CodeType) -> bool:
    """True if a code has no effect beyond its own variables, as far as its instructions tell."""
    if code.co_flags & 0x2A0:  # a generator or coroutine
        return False
    for step in dis.get_instructions(code):
        name = step.opname
        if name.startswith(("STORE_", "DELETE_")) and not name.startswith("STORE_FAST"):
            return False
        if name in ("LOAD_GLOBAL", "LOAD_NAME") and step.argval not in HARMLESS:
            return False
        if name.startswith("IMPORT_"):
            return False
    return all(stores_nothing(inner) for inner in code.co_consts if isinstance(inner, types.CodeType))
