"""The stacks of threads, and of greenlets that wait, at one moment: for the one module that asks (`census`).

`stacks.pxd` and `stacks.h` have what the compiled core uses, this module the same names for the uncompiled one. That
walks frame objects, as any program can: what others run meanwhile may be seen half changed, and without a GIL to look
at the frame of another thread can crash.
"""

from __future__ import annotations

import sys
from collections import deque
from types import CodeType, FrameType
from typing import Any

from gofer._core.machine import folders


class Pile:
    """What has been found, in its order."""

    def __init__(self) -> None:
        self.threads = sys._current_frames()
        self.numbers: deque[int] = deque()
        self.objects: deque[Any] = deque()


def begin(others: bool) -> Pile:
    """The pile for what is found, of other threads too; those are stopped, where that is possible."""
    return Pile()


def end(pile: Pile) -> None:
    """Lets the others go on."""
    pile.threads.clear()  # one of the frames is that of `begin`, which has the pile


def put_number(pile: Pile, number: int) -> None:
    """Puts a number."""
    pile.numbers.append(number)


def put_object(pile: Pile, value: Any) -> None:
    """Puts what a borrowed reference refers to, or None."""
    pile.objects.append(value)


def put_thread(pile: Pile, ident: int, most: int) -> None:
    """Puts the stack of a thread, by its identifier, or the newest part of it; an empty one where there is none."""
    _put_frames(pile, pile.threads.get(ident), most)


def put_waiting(pile: Pile, greenlet: Any) -> bool:
    """Puts the stack of a greenlet that waits; false, and nothing is put, where it does not."""
    frame = greenlet.gr_frame
    if frame is not None:
        _put_frames(pile, frame, sys.maxsize)
    return frame is not None


def _put_frames(pile: Pile, frame: FrameType | None, most: int) -> None:
    """Puts for each frame its code, the offset of its instruction and its arguments; -1 is the end. Not the core's own
    arguments: before Python 3.13 a frame whose `f_locals` has been asked for keeps what its variables were bound to,
    and a carrier would keep what its goroutine has let go of.
    """
    while frame is not None and most > 0:
        most -= 1
        code = frame.f_code
        pile.numbers.append(frame.f_lasti)
        count = 0 if code.co_filename.startswith(folders.CORE) else code.co_argcount + code.co_kwonlyargcount
        names = code.co_varnames[:count]
        values = frame.f_locals if names else {}
        pile.objects += code, tuple(each for name in names if name in values for each in (name, values[name]))
        frame = frame.f_back
    pile.numbers.append(-1)


def next_number(pile: Pile) -> int:
    """Afterwards: the next number."""
    return pile.numbers.popleft()


def next_object(pile: Pile) -> Any:
    """Afterwards: the next object."""
    return pile.objects.popleft()


def next_arguments(pile: Pile, code: CodeType) -> Any:
    """Afterwards: the arguments of a frame that have a value, names and values in turn."""
    return pile.objects.popleft()


def clear(pile: Pile) -> None:
    """Lets go of what has not been read."""
