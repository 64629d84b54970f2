"""Switching, and the only module that names greenlet.

`switch.pxd` and `switch.h` have what the compiled scheduler uses, this module the same names for the uncompiled one.

Until Python 3.14 a thread that wants the GIL while the interpreter ends is ended, and crashes where it is in a
greenlet (see switch.h). So at the end of the program workers stay where they would start or switch to a goroutine, and
are given a moment to come there; one that computes on, or is started by then, may still crash.
"""

from __future__ import annotations

import atexit
import sys
import time
from _thread import allocate_lock, get_ident
from contextvars import Context, copy_context
from threading import local, main_thread
from types import CodeType, FrameType
from typing import Any

from greenlet import getcurrent, greenlet

from gofer._core.machine import borrow

__all__ = [
    "begin_frames",
    "call",
    "caller_code",
    "caller_lasti",
    "copy_context",
    "current",
    "enter",
    "frames",
    "give",
    "keep_chunks",
    "leave",
    "load",
    "new",
    "received",
    "safe_point",
    "set_worker",
    "show_frames",
    "thaw",
    "thread",
    "to",
    "worker",
]

MOMENT = 0.3  # seconds
NOWHERE: Any = object()  # the frames of no greenlet

_thread = local()
_workers: set[int] = set()  # their threads
_ending = False


def load() -> int:
    """Finds greenlet's C functions; uncompiled, has the end of the program wait for workers."""
    if sys.version_info < (3, 14):
        atexit.unregister(_end)  # called more than once
        atexit.register(_end)
    return 0


def to(target: greenlet) -> Any:
    """Switches to a greenlet of this thread; returns when somebody switches back. None: as gofer switches, without a
    value; else a tuple of the value that somebody has given by hand, or the exception that has been raised here, which
    is the caller's to drop (`received`).
    """
    if _ending:
        _stay()
    return _came(target.switch)


def give(target: greenlet, came: Any) -> Any:
    """The same, and gives what has come here to `target`."""
    return _came(target.switch, *came) if isinstance(came, tuple) else _came(target.throw, came)


def _came(switch: Any, *args: Any) -> Any:
    try:
        value = switch(*args)
        came: Any = None if value == () else (value,)
    except BaseException as error:
        came = error
    if came is not None:
        borrow.hold(came)
    return came


def received(came: Any) -> Any:
    """What has come, no longer to be dropped."""
    if came is not None:
        borrow.drop(came)
    return came


def thread() -> Any:
    """What `frames` asks for."""


def frames(thread: Any) -> Any:
    """What tells the greenlet that runs on this thread from others."""
    return getcurrent()


def new(run: Any) -> greenlet:
    """A greenlet that will call `run`; when that returns, the one that made it goes on."""
    return greenlet(run)


def current() -> greenlet:
    """The greenlet that runs."""
    return getcurrent()


def enter(context: Context) -> int:
    """Makes `context` the current one until `leave`; only compiled, uncompiled there is `Context.run`."""
    raise NotImplementedError


def leave(context: Context) -> None:
    """Ends what `enter` began."""


def call(fn: Any, args: Any, kwargs: Any) -> BaseException | None:
    """Calls `fn(*args, **kwargs)`; returns the exception that left it."""
    if _ending:
        _stay()
    try:
        fn(*args, **(kwargs or {}))
    except BaseException as error:
        borrow.hold(error)  # what the caller gets is its own, as in C, and it drops it
        if error.__traceback__ is not None:
            error.__traceback__ = error.__traceback__.tb_next  # this frame, which refers to the arguments
        return error
    return None


def _caller() -> FrameType:
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("gofer._core"):
        frame = frame.f_back
    return frame


def caller_code() -> CodeType:
    """The code that called the core."""
    return _caller().f_code


def caller_lasti() -> int:
    """The offset of the instruction that called the core."""
    return _caller().f_lasti


def safe_point() -> None:
    """Lets the interpreter stop this thread, or run another one; uncompiled, it can everywhere."""


def thaw(greenlet: greenlet) -> None:
    """Has the collector see a greenlet that is about to wait, after `gc.freeze` too; only compiled."""


def show_frames() -> None:
    """Has the collector of a free-threaded interpreter see what frames that wait refer to; only compiled."""


def keep_chunks() -> None:
    """Keeps the memory of ended greenlets for new ones; only compiled."""


def begin_frames() -> None:
    """Gives the greenlet that runs a small block for its Python frames; only compiled."""


def worker() -> Any:
    """The worker of this thread, or NOTHING."""
    return getattr(_thread, "worker", None)


def set_worker(worker: Any) -> None:
    """Makes this thread a worker's, or a foreign one again."""
    _thread.worker = worker
    if worker is None:
        _workers.discard(get_ident())
    else:
        _workers.add(get_ident())


def _stay() -> None:
    if get_ident() != main_thread().ident:
        lock = allocate_lock()
        while True:
            lock.acquire()


def _end() -> None:
    global _ending
    _ending = True
    limit = time.monotonic() + MOMENT
    while any(map(_would_crash, sys._current_frames().items())) and time.monotonic() < limit:
        time.sleep(0.001)


def _would_crash(thread: tuple[int, FrameType]) -> bool:
    """True if a thread is a worker's, in a greenlet, and does not stay there."""
    ident, frame = thread
    if ident not in _workers or ident == main_thread().ident or frame.f_code is _stay.__code__:
        return False
    while frame.f_back is not None:
        frame = frame.f_back
    return frame.f_globals.get("__name__") != "threading"
