"""A frame's memory, for what is not compiled: of this thread's frames, or of suspended ones. Uncompiled, unknown."""

from __future__ import annotations

from typing import Any

from gofer._core.machine import borrow, tracing


def stack_item(frame: Any, place: Any) -> Any:
    """What is at a place of the value stack that is in use; None where that cannot be told."""
    return tracing.stack_item(frame, place) if borrow.COMPILED else None


def variables(frame: Any) -> list[Any]:
    """What the variables of a call are bound to, cells as such; nothing where that cannot be told."""
    return tracing.variables(frame) if borrow.COMPILED else []
