"""The slots of a channel's buffer.

`ring.pxd` has what the compiled core uses, this module the same names for the uncompiled one, where a ring is a list.
Compiled, it is an array of the channel's own, in which free slots are NULL. It was a list like that; but what the
collector knows as a list anybody may walk (debuggers and profilers do), and that crashed. So the channel itself shows
the collector what is in its slots (`show`), and where the collector breaks a cycle it finds None there instead: a
destructor that comes later may still use the channel.
"""

from __future__ import annotations

from typing import Any

Ring = list[Any]

__all__ = ["Ring", "close", "make", "put", "show", "take"]


def make(size: int) -> Ring:
    """So many free slots."""
    return [None] * size


def close(ring: Ring) -> None:
    """Drops what is in it, and the slots; only compiled."""


def put(ring: Ring, index: int, value: Any) -> None:
    """Fills a free slot."""
    ring[index] = value


def take(ring: Ring, index: int) -> Any:
    """Empties a full slot."""
    value = ring[index]
    ring[index] = None
    return value


def show(cls: type, owner: Any, ring: Ring) -> None:
    """Has the collector ask objects of `cls`, of which `owner` is one, for what is in their rings; only compiled."""
