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
from contextlib import suppress
from pathlib import Path

VARIABLE = "PROCESS_OF_TESTS"
GRACE = 10.0  # for a process that has nothing left to do to be gone, however busy the machine is
TO_FOLLOW = 20.0  # for a worker of xdist to end by itself after the process that distributes the tests


def marked(mark: str) -> list[int]:
    """The live processes that bear the mark."""
    numbers = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
    return [number for number in numbers if number != os.getpid() and bears(number, mark)]


def bears(process: int, mark: str) -> bool:
    """Whether a live process has that mark."""
    try:
        return mark.encode() in Path(f"/proc/{process}/environ").read_bytes()
    except OSError:  # it has ended, or is somebody else's
        return False


def still_running(mark: str) -> list[int]:
    """Those that go on although they were given the time to end, but for Python's own servers."""
    limit = time.monotonic() + GRACE
    while (left := [each for each in marked(mark) if not is_server(each)]) and time.monotonic() < limit:
        time.sleep(0.01)
    return left


def is_server(process: int) -> bool:
    """Whether it is one of those that multiprocessing starts once, and that end with who has started them."""
    text = command(process)
    return "multiprocessing.resource_tracker" in text or "multiprocessing.forkserver" in text


def end_all(mark: str) -> None:
    """Ends all that bear the mark, and what they start meanwhile."""
    limit = time.monotonic() + GRACE
    while (left := marked(mark)) and time.monotonic() < limit:
        for process in left:
            handle = opened(process)
            if handle is not None:
                if bears(process, mark):
                    kill(handle)
                os.close(handle)
        time.sleep(0.01)


def kill(handle: int) -> None:
    """Ends a process that may have ended already."""
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)


def command(process: int) -> str:
    """What it was called with."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return "ended meanwhile"
    return b" ".join(words).decode(errors="replace").strip()[:300]


def opened(process: int) -> int | None:
    """A handle of a process, which stays its own when the number is given to another one; None: it has ended."""
    try:
        return os.pidfd_open(process)
    except ProcessLookupError:
        return None


def has_ended(handle: int | None, *others: int | None, timeout: float | None = None) -> bool:
    """Waits until a process or one of the others has ended; whether that one has. False after that many seconds."""
    handles = [each for each in (handle, *others) if each is not None]
    if len(handles) == 1 + len(others):
        select.select(handles, [], [], timeout)
    return handle is None or bool(select.select([handle], [], [], 0)[0])


def wait_for_end(process: int, timeout: float | None = None) -> bool:
    """Waits until it has ended; false after that many seconds."""
    handle = opened(process)
    try:
        return has_ended(handle, timeout=timeout)
    finally:
        if handle is not None:
            os.close(handle)


def keep(mark: str, process: int, *parent: int) -> None:
    """What a keeper does."""
    handle = opened(process)
    if not has_ended(handle, *map(opened, parent)) and not has_ended(handle, timeout=TO_FOLLOW):
        assert handle is not None
        kill(handle)
        has_ended(handle)
    end_all(mark)


if __name__ == "__main__":
    keep(sys.argv[1], *map(int, sys.argv[2:]))
