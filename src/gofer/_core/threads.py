"""What Python and the system tell of threads: which are alive, the processor time that one has used, and whether it
waits. Not compiled.
"""

from __future__ import annotations

import threading
import time
from typing import Any

UNKNOWN = -1


def alive() -> list[Any]:
    """As `threading.enumerate`, without the lock of `threading`: Ctrl-C in the main thread that asks, which is most
    often idle then, could leave it locked on Python 3.14. One that is just being started is in the first dict until it
    is in the second.
    """
    starting: Any = threading._limbo  # type: ignore[attr-defined]
    started: Any = threading._active  # type: ignore[attr-defined]
    return [*starting.values(), *started.values()]


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
    """Whether a thread sleeps in a system call; false where the system does not tell."""
    try:
        with open(f"/proc/self/task/{thread.native_id}/stat", "rb") as file:
            state = file.read().rpartition(b")")[2].split()[0]
    except OSError:
        return False
    return state in (b"S", b"D")
