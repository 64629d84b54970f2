"""Makes a named tuple without its Python constructor.

`record.pxd` has what the compiled core uses, this module the same name for the uncompiled one.
"""

from typing import Any

__all__ = ["selected"]


def selected(cls: Any, index: int, value: Any, ok: bool) -> Any:
    """`cls(index, value, ok)`."""
    return cls(index, value, ok)
