"""Whose a process is, and its end.

A *mark* in the environment tells which tests started a process: all that this one starts inherits it, in whatever
session. `python processes.py MARK PID [PARENT]` is a *keeper*: it waits for the end of process PID, which runs tests,
and then ends what bears the mark. SIGKILL and `os._exit` leave PID no time to do so itself. Where PARENT has ended and
PID does not follow, which a goroutine in an endless loop can bring about, the keeper ends PID too.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from pathlib import Path

VARIABLE = "PROCESS_OF_TESTS"
GRACE = 10.0  # for a process that has nothing left to do to be gone, however busy the machine is
TO_FOLLOW = 20.0  # for a worker of xdist to end by itself after the process that distributes the tests


def marked(mark: str) -> list[int]:
    """The live processes that bear the mark."""
    wanted = mark.encode()
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and int(entry) != os.getpid():
            try:
                environment = Path("/proc", entry, "environ").read_bytes()
            except OSError:  # it has ended, or is somebody else's
                continue
            if wanted in environment:
                found.append(int(entry))
    return found


def still_running(mark: str) -> list[int]:
    """Those that go on although they were given the time to end."""
    limit = time.monotonic() + GRACE
    while (left := marked(mark)) and time.monotonic() < limit:
        time.sleep(0.01)
    return left


def end_all(mark: str) -> None:
    """Ends all that bear the mark, and what they start meanwhile."""
    limit = time.monotonic() + GRACE
    while (left := marked(mark)) and time.monotonic() < limit:
        for process in left:
            kill(process)
        time.sleep(0.01)


def kill(process: int) -> None:
    """Ends a process that may have ended already."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


def command(process: int) -> str:
    """What it was called with."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "ended meanwhile"
    return b" ".join(words).decode(errors="replace").strip()[:300]


def wait_for_end(*processes: int, timeout: float | None = None) -> bool:
    """Waits until one of them has ended; false after that many seconds."""
    handles: list[int] = []
    try:
        for process in processes:
            handles.append(os.pidfd_open(process))
        return bool(select.select(handles, [], [], timeout)[0])
    except ProcessLookupError:
        return True
    finally:
        for handle in handles:
            os.close(handle)


def keep(mark: str, process: int, *parent: int) -> None:
    """What a keeper does."""
    wait_for_end(process, *parent)
    if not wait_for_end(process, timeout=TO_FOLLOW):
        kill(process)
        wait_for_end(process, timeout=GRACE)
    end_all(mark)


if __name__ == "__main__":
    keep(sys.argv[1], *map(int, sys.argv[2:]))
