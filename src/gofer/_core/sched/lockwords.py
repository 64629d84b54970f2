"""What a function's names tell of locks: whether it takes or lets go of one, or calls a helper that does half of it.

A function that names `acquire` somewhere may hold a lock anywhere. One that calls `take(file)` may as well, where that
is a function that locks and does not unlock; so the functions that it names are looked up, one step far: in its
globals, in modules that it names, and in the classes of its variables. Nothing of the program's own runs. Not compiled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

from gofer._core.sched import holdings

TAKING = frozenset({"acquire", "__enter__", "LOCK_EX", "LOCK_SH", "F_LOCK"})
DROPPING = frozenset({"release", "__exit__", "LOCK_UN", "F_ULOCK"})
LOCKING = TAKING | DROPPING | {"flock", "lockf", "commit", "rollback"}


def names_a_lock(code: CodeType) -> bool:
    """True if a function names something that takes a lock or lets go of one."""
    return not LOCKING.isdisjoint(code.co_names)


def is_half(function: Any) -> bool:
    """True if it is a function that takes a lock or lets go of one, but not both."""
    if type(function) is not FunctionType:
        return False
    names = function.__code__.co_names
    return TAKING.isdisjoint(names) != DROPPING.isdisjoint(names)


def calls_half(frame: FrameType, variables: Iterable[Any], look: holdings.Look) -> bool:
    """True if a call may call such a function."""
    names = frame.f_code.co_names
    for place in places(frame, variables, look):
        key = (id(frame.f_code), id(place))
        if key not in look.searched:
            look.searched.add(key)
            if any(is_half(plain(place.get(name))) for name in names):
                return True
    return any(is_half(each) for each in variables)


def places(frame: FrameType, variables: Iterable[Any], look: holdings.Look) -> Iterator[Any]:
    """Where what a call names may be found: its globals, the modules that it names, the classes of its variables."""
    yield frame.f_globals
    for name in frame.f_code.co_names:
        module = dict.get(frame.f_globals, name)
        if isinstance(module, ModuleType):
            yield object.__getattribute__(module, "__dict__")
    for each in variables:
        if look.kind(each) == holdings.INSTANCE:
            yield from holdings.namespaces(each)


def plain(found: Any) -> Any:
    """The function of a static or class method."""
    return found.__func__ if type(found) in (staticmethod, classmethod) else found
