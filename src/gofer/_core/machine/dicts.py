"""The operations of `dict` themselves, on a subclass that has its own.

`dicts.pxd` has what the compiled core uses, this module the same names for the uncompiled one.
"""

from __future__ import annotations

from typing import Any


def subscript(found: dict[Any, Any], key: Any) -> Any:
    """`found[key]`."""
    return dict.__getitem__(found, key)


def get(found: dict[Any, Any], key: Any, default: Any) -> Any:
    """`found.get(key, default)`."""
    return dict.get(found, key, default)


def assign(found: dict[Any, Any], key: Any, value: Any) -> int:
    """`found[key] = value`."""
    dict.__setitem__(found, key, value)
    return 0


def remove(found: dict[Any, Any], key: Any) -> int:
    """`del found[key]`."""
    dict.__delitem__(found, key)
    return 0


def contains(found: dict[Any, Any], key: Any) -> bool:
    """`key in found`."""
    return dict.__contains__(found, key)


def size(found: dict[Any, Any]) -> int:
    """`len(found)`."""
    return dict.__len__(found)


def is_plain(key: Any) -> bool:
    """True if hashing and comparing the key runs nobody's code."""
    return type(key) is str or type(key) is int
