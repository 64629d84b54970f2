"""`GOFER_DEBUG=schedstall=1`: says on stderr, once a site, where a goroutine keeps others of its worker waiting."""

from __future__ import annotations

import os
import sys
from typing import Any

from gofer._core import dump, scheduler
from gofer._core.monitor import MONITOR

LONGEST = 1.0
_told: set[tuple[str, int]] = set()


def settings() -> dict[str, str]:
    """The `key=value` pairs of `GOFER_DEBUG`."""
    pairs = (part.partition("=") for part in os.environ.get("GOFER_DEBUG", "").split(","))
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip()}


def install() -> None:
    """Begins to watch where the environment asks for it."""
    if settings().get("schedstall", "0") not in ("", "0"):
        MONITOR.attach(tell)
        MONITOR.start()


def tell(worker: Any, busy: float) -> None:
    """Writes the line, when it has lasted for `LONGEST` seconds; on the monitor's thread."""
    if busy < LONGEST:
        return
    site = _site(worker)
    if site is not None and site not in _told:
        _told.add(site)
        text = f"goroutine {_number(worker)} has kept its worker busy for {busy:.1f} s at {site[0]}:{site[1]}\n"
        sys.stderr.write(text)
        sys.stderr.flush()


def _site(worker: Any) -> tuple[str, int] | None:
    frame = sys._current_frames().get(worker.thread.ident)
    while frame is not None and dump.is_internal(frame.f_code.co_filename):
        frame = frame.f_back
    return None if frame is None else (dump.short_path(frame.f_code.co_filename), frame.f_lineno)


def _number(worker: Any) -> int:
    for running_on, g in scheduler.shared().running_workers():
        if running_on is worker:
            number: int = g.id
            return number
    return 0
