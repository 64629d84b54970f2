"""Input and output: what is written to a file, pipe or socket comes before the read that gets it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from typing import Any

from gofer.race.effects.peek import is_a
from gofer.race.engine import detector
from gofer.race.engine.detector import current

WRITTEN: dict[Any, Any] = {}
IO_WRITERS = {"write", "writelines", "send", "sendall", "sendto", "sendmsg"}
IO_READERS = {"read", "readline", "readlines", "read1", "readinto", "recv", "recv_into", "recvfrom", "recvmsg"}


class After:
    """Arguments of a call, and what is to be done when it has returned."""

    def __init__(self, args: Any, done: Callable[[], None]) -> None:
        self.args = args
        self.done = done

    def make(self, function: Any, kwargs: Any) -> Any:
        """Makes the call."""
        result = function(*self.args, **kwargs)
        self.done()
        return result


def channel_of(target: Any) -> Any:
    """What stands for a file or pipe: its inode; sockets are one, since nothing tells which two are connected."""
    try:
        found = os.fstat(target if is_a(target, int) else target.fileno())
    except (OSError, ValueError, AttributeError):
        return None
    return "socket" if stat.S_ISSOCK(found.st_mode) else (found.st_dev, found.st_ino)


def io_write(target: Any) -> None:
    """Something is about to be written."""
    key = channel_of(target)
    if key is not None:
        with detector.GATE:
            WRITTEN[key] = detector.join(WRITTEN.get(key), detector.snapshot_of(current()))


def io_read(target: Any, args: Any) -> After:
    """Something is about to be read."""
    key = channel_of(target)
    return After(args, lambda: detector.acquire_into(current(), WRITTEN.get(key)))
