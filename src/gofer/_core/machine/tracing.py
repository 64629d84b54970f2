"""What preemption needs of the interpreter: a frame's memory, the count of tracing, tracing another thread.

`tracing.pxd` and `tracing.h` have what the compiled core uses. Nothing of it can be done in Python, so the uncompiled
core does not preempt, and these names are never called there.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import NoReturn

_ONLY_COMPILED = "preemption needs the compiled core"


def stack_item(frame: FrameType, place: int) -> NoReturn:
    """The object at a place of the frame's value stack."""
    raise NotImplementedError(_ONLY_COMPILED)


def variables(frame: FrameType) -> NoReturn:
    """What the frame's variables are bound to, cells as such."""
    raise NotImplementedError(_ONLY_COMPILED)


def leave() -> None:
    """A callback of the interpreter's is about to switch: what others run may be traced."""
    raise NotImplementedError(_ONLY_COMPILED)


def enter() -> None:
    """It is back."""
    raise NotImplementedError(_ONLY_COMPILED)


def trace_thread(ident: int, callback: Callable[[], object]) -> bool:
    """Before Python 3.12: has `callback` called once on a thread, at its next line or call; false: cannot be."""
    raise NotImplementedError(_ONLY_COMPILED)
