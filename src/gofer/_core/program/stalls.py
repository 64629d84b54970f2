"""`GOFER_DEBUG=schedstall=1`: says on stderr, once a site, where a goroutine keeps others of its worker waiting."""

from __future__ import annotations

import sys
from typing import Any

from gofer._core.machine import debug
from gofer._core.program import dump
from gofer._core.sched import census, scheduler
from gofer._core.sched.monitor import MONITOR, say

LONGEST = 1.0
_told: set[tuple[str, int]] = set()


def install() -> None:
    """Begins to watch where the environment asks for it."""
    if debug.asks_for("guards") and not scheduler.checks_guards():
        say("GOFER_DEBUG=guards: this core does not check its guards; build it with GOFER_CHECK=1, or not at all")
    if debug.asks_for("schedstall"):
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
    for code, lasti, _ in census.of_thread(worker.ident, census.ALL):
        if not dump.is_internal(code.co_filename):
            return dump.short_path(code.co_filename), dump.line_of(code, lasti)
    return None


def _number(worker: Any) -> int:
    for running_on, g in scheduler.shared().running_workers():
        if running_on is worker:
            number: int = g.id
            return number
    return 0
