"""What Python and the system tell of threads: which are alive, the processor time that one has used, and whether it
waits; and how gofer starts one. Not compiled.

At the end of the program a daemon thread sleeps for ever from where it next wants the interpreter. On free-threaded
builds that may be in the middle of starting a thread or of stopping all others, with a lock of the interpreter's held
that the main thread waits for then, also for ever: one exit in 1,400 with eight workers. So from gofer's `atexit`
function on only the main thread starts threads of gofer's, and none is being started when the interpreter ends.
"""

from __future__ import annotations

import sys
import threading
import time
from _thread import RLock, allocate_lock, get_ident, start_new_thread
from typing import Any, NoReturn

UNKNOWN = -1
_starting: list[None] = []  # has an element while the main thread starts a thread of gofer's
_starts = RLock()
_over = False


def alive() -> list[Any]:
    """As `threading.enumerate`, without the lock of `threading`: Ctrl-C in the main thread that asks, which is most
    often idle then, could leave it locked on Python 3.14. One that is just being started is in the first dict until it
    is in the second.
    """
    starting: Any = threading._limbo  # type: ignore[attr-defined]
    started: Any = threading._active  # type: ignore[attr-defined]
    return [*starting.values(), *started.values()]


def start(thread: Any) -> None:
    """Starts a thread of gofer's, unless the program is over. Raises RuntimeError where there can be no more.

    On the main thread the handlers of signals wait meanwhile: what they raised would leave `threading`'s locks taken,
    and nobody would know whether the thread is there.
    """
    if sys.is_finalizing():
        raise RuntimeError("can't start new thread: the interpreter ends")
    defers = threading.current_thread() is threading.main_thread()
    if defers:
        _starting.append(None)
    try:
        with _starts:
            if may_start():
                thread.start()
                return
    finally:
        if defers:
            _starting.pop()
    stay()


def is_late(error: RuntimeError) -> bool:
    """True if a thread could not be started because the interpreter ends: on Python 3.12 that begins when the main
    program has ended, before other threads have, and before `atexit` functions are called.
    """
    return "interpreter shutdown" in str(error)


def stay_if_late(error: RuntimeError) -> None:
    """What a daemon thread does that cannot do without the thread that was not started."""
    if is_late(error) and threading.current_thread().daemon:
        stay()


def start_bare(does: Any) -> bool:
    """Starts one that `threading` does not know and whose locks it does not take, so in the handler of a signal, too;
    false where there can be no more, or the program is over.
    """
    defers = get_ident() == threading.main_thread().ident
    if defers:
        _starting.append(None)
    try:
        with _starts:
            if may_start():
                start_new_thread(does, ())
                return True
    except RuntimeError:
        return False
    finally:
        if defers:
            _starting.pop()
    return False


def is_starting() -> bool:
    """True if the main thread starts one now."""
    return bool(_starting)


def own_clock() -> int:
    """The clock of the calling thread's processor time, which any thread may read; UNKNOWN where there is none."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return UNKNOWN
    return time.pthread_getcpuclockid(threading.get_ident())


def processor_time(clock: int) -> float:
    """The seconds that a thread has used, by its clock; UNKNOWN where the system does not tell, or it has ended."""
    if clock == UNKNOWN:
        return UNKNOWN
    try:
        return time.clock_gettime(clock)
    except OSError:
        return UNKNOWN


def waits_in_system(thread: Any) -> bool:
    """True if a thread sleeps in a system call; false where the system does not tell."""
    try:
        with open(f"/proc/self/task/{thread.native_id}/stat", "rb") as file:
            state = file.read().rpartition(b")")[2].split()[0]
    except OSError:
        return False
    return state in (b"S", b"D")


def may_start() -> bool:
    """True if the caller may start a thread: the program is not over, or this is the main thread."""
    return not _over or get_ident() == threading.main_thread().ident


def stay() -> NoReturn:
    """Sleeps for ever: what a thread does that cannot do without another one although the program is over."""
    lock = allocate_lock()
    while True:
        lock.acquire()


def end_starts() -> None:
    """The program is over: waits for a thread that is being started."""
    global _over
    with _starts:
        _over = True


def reset_after_fork() -> None:
    """In the child nobody is starting a thread; in the parent the main thread, or another one, may have been."""
    global _starts
    _starts = RLock()
    _starting.clear()
