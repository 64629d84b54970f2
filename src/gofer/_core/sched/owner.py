"""Borrowed references to what a goroutine belongs to: its worker and its registry, each with its type.

`owner.pxd` has what the compiled core uses, this module the same names for the uncompiled one (see `borrowed`).
"""

from __future__ import annotations

from typing import Any

__all__ = ["registry", "worker"]


def registry(pointer: Any) -> Any:
    """The registry behind a borrowed reference that is not NOTHING."""
    return pointer


def worker(pointer: Any) -> Any:
    """The same, a worker."""
    return pointer
