"""The locks, flags and counters of the core.

`guard.pxd` has what the compiled core uses, this module the same names for the uncompiled one.

- A `Guard` protects a few fields for a few instructions. On free-threaded builds it is a `PyMutex`. On GIL builds it is
  nothing at all when compiled: a compiled section that runs no Python is atomic there, and a real lock cost 35 ns
  before 3.13. Uncompiled, threads interleave anywhere, so it is a real lock.
- A `Flag` is raised by anybody and taken by exactly one.
- A `Counter` is counted up and down by anybody.

The rule. Between `lock` and `unlock`: never switch, never run code that is not the core's (a destructor, `__eq__`,
`__hash__`, a callback), never raise, never make an object (the collector could run, and with it destructors) and let
none die, never call what takes a guard or wakes somebody. The same from the moment at which a goroutine arms itself
(`pin`) until it has switched away or armed itself in vain (`unpin`), but for guards: whoever claims it takes it for
somebody who waits. A table of ints or of the core's own objects may grow in a guard, which is then taken by
`lock_to_grow`: its memory is no object.

How it is checked: a core compiled with GOFER_CHECK=1 (`make test-guards`) does so all the time, see `checks.h`; the
uncompiled one with `GOFER_DEBUG=guards`. A breach ends the process and tells where the guard was taken and where the
rule was broken. Elsewhere `pin`, `outside` and `apart` are nothing.

Compiled, no signal's handler runs in a guard. Uncompiled, Python would run one between any two steps of the main
thread, and what it raises leave a guard locked for ever, or a goroutine half-way into a queue; so handlers wait until
the main thread is out of the core (see `handlers`), which `is_inside` says. The collector, which could run anywhere
too, is kept away.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
import threading
from _thread import get_ident
from threading import Lock as Guard
from types import FrameType

from gofer._core.machine import collector, debug

FREE_THREADED = not getattr(sys, "_is_gil_enabled", lambda: True)()
NEEDED = True  # whether a guard does anything
CHECKED = debug.asks_for("guards")  # whether it checks the rule
CALLING = frozenset(
    f"gofer._core.{name}"
    for name in (
        "machine.switch.call",
        "program.launch.run",
        "program.launch.run_program",
        "sync.waitgroup._counted",
        "context.errgroup.work",
        "outside.executor.Task.run",
        "time.alarms.call_after",
        "sync.once.Once.first",
        "sync.once.Outcome.find",
        "sync.pool.Pool.get",
        "sync.cond.Cond.wait_for",
        "sync.syncmap.Map.range",
        "sched.handlers.act_as_main",
    )
)
_held = 0  # guards that the main thread is in
_listening = False
_pinned: set[int] = set()  # threads
_places: dict[int, list[str]] = {}  # where each thread has taken the guards that it is in; only where it is checked
_armed: dict[int, str] = {}  # where its goroutine has armed itself


def make() -> Guard:
    """An open guard."""
    return Guard()


def lock(guard: Guard) -> None:
    """Enters the section; blocks the thread while another one is in it. It must be in none."""
    if CHECKED:
        _check("another guard is taken", _places)
    lock_more(guard)


def lock_more(guard: Guard) -> None:
    """As `lock`, where the thread may be in others of the kind; in a fixed order."""
    global _held
    if get_ident() == threading.main_thread().ident:
        _held += 1
    collector.keep_away()
    if CHECKED:
        _places.setdefault(get_ident(), []).append(_place())
    guard.acquire()


def lock_to_grow(guard: Guard) -> None:
    """As `lock`, for a section in which a table may grow."""
    lock(guard)


def grow() -> None:
    """In a section: from here to its end such a table may grow, or a number be made. (Neither runs the collector.)"""


def unlock(guard: Guard) -> None:
    """Leaves the section."""
    global _held
    guard.release()
    if CHECKED:
        _places[get_ident()].pop()
    collector.let_come()
    if get_ident() == threading.main_thread().ident:
        _held -= 1


def pin() -> None:
    """The goroutine that runs arms itself, or makes itself runnable: nothing else must run on its stack."""
    if get_ident() not in _pinned:
        collector.keep_away()
        _pinned.add(get_ident())
        if CHECKED:
            _armed[get_ident()] = _place()


def unpin() -> None:
    """It runs again, or on; if it has been pinned. Called by whoever comes after a switch, too."""
    if get_ident() in _pinned:
        _armed.pop(get_ident(), None)
        _pinned.discard(get_ident())
        collector.let_come()


def outside() -> None:
    """Here no guard is held; only where it is checked."""
    if CHECKED:
        _check("the core is entered", _places)


def apart() -> None:
    """Here no guard is held, and the goroutine has not armed itself; only where it is checked."""
    if CHECKED:
        _check("the core is entered", _places)
        if get_ident() in _armed:
            _end("the core is entered", f"on the stack of a goroutine that has armed itself at {_armed[get_ident()]}")


def _place() -> str:
    frame: FrameType = sys._getframe(1)
    while frame.f_code.co_filename == __file__ and frame.f_back is not None:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def _check(what: str, places: dict[int, list[str]]) -> None:
    held = places.get(get_ident())
    if held:
        _end(what, f"inside the guard taken at {held[0]}")


def _end(what: str, rule: str) -> None:
    os.write(2, f"gofer: {what} at {_place()}, {rule}\n".encode())
    faulthandler.dump_traceback()
    os.abort()


def _on_collection(phase: str, info: dict[str, int]) -> None:
    if phase == "start":
        held = _places.get(get_ident())
        if held:
            _end("a collection begins", f"inside the guard taken at {held[0]}")
        if get_ident() in _armed:
            _end("a collection begins", f"on the stack of a goroutine that has armed itself at {_armed[get_ident()]}")


def is_inside(frame: FrameType | None) -> bool:
    """True if the main thread, whose newest frame this is, is in a section or at least in the core."""
    name = (frame and frame.f_globals.get("__name__")) or ""
    return _held > 0 or (name.startswith("gofer._core.") and not _listening and not is_calling(frame))


def is_calling(frame: FrameType | None) -> bool:
    """True if this is a function of the core that calls the program."""
    if frame is None or _held:
        return False
    return f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}" in CALLING


def listen(on: bool) -> None:
    """True if the main thread waits for signals now, in a place where handlers may run."""
    global _listening
    _listening = on


def reset() -> None:
    """The main thread is in no section, and may be another one than it was: in the child of a fork."""
    global _held, _listening
    _held = 0
    _listening = False


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
    """True if it is raised now."""
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


if CHECKED:
    gc.callbacks.append(_on_collection)
