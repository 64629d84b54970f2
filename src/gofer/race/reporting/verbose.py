"""`GORACE=verbose=1`: what the detector holds at the end of the program, printed where the reports go."""

from __future__ import annotations

import atexit

from gofer.race.engine import detector
from gofer.race.reporting import report


def text() -> str:
    """One line: the detector's memory and counts."""
    counts = detector.counts()
    memory = counts.pop("memory") / 2**20
    return f"race detector: {memory:.1f} MB, " + ", ".join(f"{count} {name}" for name, count in counts.items()) + "\n"


def start() -> None:
    """Has it printed at exit where GORACE asks for it. Called after `report.start`, which may end the process."""
    if report.chosen().verbose:
        atexit.register(lambda: report.emit(text()))
