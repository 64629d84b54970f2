"""The locks, flags and counters of the core.

`guard.pxd` has what the compiled core uses, this module the same names for the uncompiled one.

- A `Guard` protects a few fields for a few instructions. On free-threaded builds it is a `PyMutex`. On GIL builds it is
  nothing at all when compiled: a compiled section that runs no Python is atomic there, and a real lock cost 35 ns
  before 3.13. Uncompiled, threads interleave anywhere, so it is a real lock.
- A `Flag` is raised by anybody and taken by exactly one.
- A `Counter` is counted up and down by anybody.

Between `lock` and `unlock`: never switch, never run code that is not the core's (a destructor, `__eq__`, a callback),
never raise, never allocate Python objects (an allocation can run the collector, which can run destructors).

Compiled, no signal's handler runs there either. Uncompiled, Python would run one between any two steps of the main
thread, and a `KeyboardInterrupt` leave a guard locked for ever; so Ctrl-C has a handler that waits for the section's
end. A program's own handler that raises, or that uses a channel or a lock of gofer's, is safe with the compiled core
only: the guard may be the one that it interrupts.
"""

from __future__ import annotations

import signal
import sys
import threading
from _thread import get_ident
from threading import Lock as Guard
from types import FrameType

FREE_THREADED = not getattr(sys, "_is_gil_enabled", lambda: True)()
NEEDED = True  # whether a guard does anything
_held = 0  # guards that the main thread is in
_interrupted = False


def make() -> Guard:
    """An open guard."""
    return Guard()


def lock(guard: Guard) -> None:
    """Enters the section; blocks the thread while another one is in it."""
    global _held
    if get_ident() == threading.main_thread().ident:
        _held += 1
    guard.acquire()


def unlock(guard: Guard) -> None:
    """Leaves the section."""
    global _held, _interrupted
    guard.release()
    if get_ident() == threading.main_thread().ident:
        _held -= 1
        if _interrupted and not _held:
            _interrupted = False
            raise KeyboardInterrupt


def defer_interrupts() -> None:
    """Has Ctrl-C wait for the end of a section, unless the program has a handler of its own; by the main thread.

    That is in no section now, and may be another one than it was: in a fork's child.
    """
    global _held, _interrupted
    _held, _interrupted = 0, False
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    global _interrupted
    if not _held:
        raise KeyboardInterrupt
    _interrupted = True


class Flag:
    """Raised by anybody, taken by exactly one: a list of one element, whose `pop` is atomic."""

    __slots__ = ("_tokens",)

    def __init__(self, raised: int) -> None:
        self._tokens = [None] if raised else []


def flag(raised: int) -> Flag:
    """A flag, raised or not."""
    return Flag(raised)


def raise_flag(flag: Flag) -> None:
    """Raises it; only its owner does, and never twice without a `take` between."""
    flag._tokens[:] = [None]


def take(flag: Flag) -> bool:
    """Lowers it; true for the one caller who found it raised."""
    try:
        flag._tokens.pop()
    except IndexError:
        return False
    return True


def seen(flag: Flag) -> bool:
    """Whether it is raised now."""
    return bool(flag._tokens)


def fence() -> None:
    """What follows is not done before what precedes: for who raises a flag and then looks at plain fields."""


class Counter:
    """A whole number that anybody counts up and down."""

    __slots__ = ("lock", "value")

    def __init__(self, start: int) -> None:
        self.lock = Guard()
        self.value = start


def counter(start: int) -> Counter:
    """A counter."""
    return Counter(start)


def add(counter: Counter, n: int) -> int:
    """Adds and returns the new value."""
    with counter.lock:
        counter.value += n
        return counter.value


def read(counter: Counter) -> int:
    """The value now."""
    return counter.value
