"""Functions that run once. Plain Python: what they return has a name, a documentation and a traceback."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar, TypeVarTuple

from gofer._core.sync.once import Outcome

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


def _once(fn: Any, what: str, returns: bool) -> Any:
    if not callable(fn):
        raise TypeError(f"{what}: {fn!r} is not callable")
    outcome = Outcome(fn)

    def call() -> Any:
        value = outcome.get()
        return value if returns else None

    update_wrapper(call, fn)
    del call.__wrapped__  # type: ignore[attr-defined]  # it would keep the function alive
    return call


def once_func(fn: Callable[[], object]) -> Callable[[], None]:
    """A function that calls `fn()` the first time and does nothing later. Go: `sync.OnceFunc`.

    Any number of goroutines may call it; it blocks until the first call has returned, which happens before every
    return. What `fn` raises, every call raises: the same exception. TypeError when `fn` cannot be called.
    """
    found: Callable[[], None] = _once(fn, "once_func", False)
    return found


def once_value(fn: Callable[[], _T]) -> Callable[[], _T]:
    """A function that calls `fn()` the first time and returns that value every time. Go: `sync.OnceValue`.

    Blocks and raises as `once_func`.

    >>> table = once_value(dict)
    >>> table() is table()
    True
    """
    found: Callable[[], _T] = _once(fn, "once_value", True)
    return found


def once_values(fn: Callable[[], tuple[*_Ts]]) -> Callable[[], tuple[*_Ts]]:
    """As `once_value`, for a function that returns a tuple. Go: `sync.OnceValues`."""
    found: Callable[[], tuple[*_Ts]] = _once(fn, "once_values", True)
    return found
