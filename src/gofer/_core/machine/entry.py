"""The `go` statement's way into the compiled core, which makes nothing but the tuple of arguments.

`entry.pxd` and `entry.h` have what the compiled core uses, this module the same name for the uncompiled one.
"""

from collections.abc import Callable

__all__ = ["go"]


def go(function: Callable[..., None], launch: Callable[..., None]) -> Callable[..., None]:
    """What is called as `function` is, and calls `launch(fn, args, kwargs)`, with None for no `kwargs`."""
    return function
