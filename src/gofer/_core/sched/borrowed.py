"""Borrowed references to goroutines, waiters and carriers, each with its type (see `owner` for the rest).

`borrowed.pxd` has what the compiled core uses, this module the same names for the uncompiled one. What `borrow.get`
returns is an object of any type, which the compiled core checks: a fifteenth of a channel operation.
"""

from __future__ import annotations

from typing import Any

__all__ = ["carrier", "goroutine", "waiter"]


def goroutine(pointer: Any) -> Any:
    """The goroutine behind a borrowed reference that is not NOTHING."""
    return pointer


def waiter(pointer: Any) -> Any:
    """The same, a waiter."""
    return pointer


def carrier(pointer: Any) -> Any:
    """The same, a carrier."""
    return pointer
