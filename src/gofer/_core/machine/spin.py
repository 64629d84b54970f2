"""Waiting for another thread without a system call, for a moment; only compiled, and only without a GIL.

`spin.pxd` has what the compiled core uses. Beside a GIL, or uncompiled, a thread that waits must sleep: who it waits
for cannot run otherwise.
"""

from __future__ import annotations

from typing import Any

POSSIBLE = False


def until(field: Any, nanoseconds: int) -> bool:
    """True if `field`, a borrowed reference that another thread sets, is set before the time is over."""
    return bool(field)


def while_set(flag: bool, queue: Any, nanoseconds: int) -> None:
    """Returns when another thread has reset `flag`, `queue` is not empty, or the time is over."""
