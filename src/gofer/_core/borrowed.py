"""Borrowed references to the scheduler's records, each with its type.

`borrowed.pxd` has what the compiled core uses, this module the same names for the uncompiled one. What `borrow.get`
returns is an object of any type, which the compiled core checks: a fifteenth of a channel operation.
"""

from __future__ import annotations

from typing import Any

__all__ = ["carrier", "goroutine", "registry", "waiter", "worker"]


def goroutine(pointer: Any) -> Any:
    """The goroutine behind a borrowed reference that is not NOTHING."""
    return pointer


def waiter(pointer: Any) -> Any:
    """The same, a waiter."""
    return pointer


def carrier(pointer: Any) -> Any:
    """The same, a carrier."""
    return pointer


def registry(pointer: Any) -> Any:
    """The same, a registry."""
    return pointer


def worker(pointer: Any) -> Any:
    """The same, a worker."""
    return pointer
