"""Functions of the library that tell of their calls.

`noted.pxd` and `noted.h` change a built-in function in place, so that every reference to it tells; uncompiled, it is
replaced in the modules that are known to name it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

NAMED_BY = ("sys", "asyncio", "asyncio.events")


def change(function: Any, tell: Callable[[], None]) -> Any:
    """Has `function` call `tell` after each call. Returns a function that does not."""

    @wraps(function)
    def telling(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        tell()
        return result

    name = function.__name__
    for module in map(sys.modules.get, NAMED_BY):
        if getattr(module, name, None) is function:
            setattr(module, name, telling)
    return function
