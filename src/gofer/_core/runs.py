"""Runs: how a thread becomes a worker for `gofer.run`, what is abandoned at its end, what a fork begins with."""

from __future__ import annotations

import os
import threading
from typing import Any

from gofer._core import bell, borrow, borrowed, guard, reasons, scheduler, wakeup
from gofer._core.goroutine import Goroutine
from gofer._core.monitor import MONITOR
from gofer._core.runtime import RUNTIME
from gofer._core.timers import TIMERS
from gofer._core.worker import Worker

ANOTHER_RUN = "another gofer.run is active"


def begin_run(active: bool) -> bool | None:
    """The calling thread becomes a worker: true if it was not one before. None: it is in a goroutine already."""
    at = scheduler.this_worker()
    if not at:
        if active:
            raise RuntimeError(ANOTHER_RUN)
        RUNTIME.admit()
        scheduler.attach()
        return True
    worker: Worker = borrowed.worker(at)
    return False if worker.main is not None and worker.current == borrow.of(worker.main) else None


def end_run(attached: bool) -> None:
    """Abandons all goroutines but this one; a thread that became a worker for the run is foreign again.

    Raises what a goroutine told the main one (`SystemExit`, Ctrl-C) too late for it to wait once more.
    """
    at = scheduler.this_worker()
    worker: Worker = borrowed.worker(at)
    RUNTIME.abandon(worker)
    main: Goroutine = worker.main
    late: Any = None
    if guard.take(main.interrupted):
        late = main.pending
        main.pending = None
    main.locks = 0
    worker.locks = 0
    worker.leaving = False
    if worker.closed:
        RUNTIME.open_worker(worker)
    if attached and threading.current_thread() is not threading.main_thread():
        RUNTIME.delist(worker)
        scheduler.become(None)
        wakeup.look_again()
    if late is not None:
        raise late


def park_for_ever() -> None:
    """The main goroutine has ended by `goexit`; the others go on until one of them ends the program."""
    g = scheduler.current()
    while True:
        g.arm()
        if scheduler.park(g, reasons.DEAD, borrow.NOTHING):
            scheduler.raise_pending(g)


def reset_after_fork() -> None:
    """The child has one thread, and a fresh runtime."""
    scheduler.become(None)
    for each in RUNTIME.workers:
        worker: Worker = each
        bell.after_fork(worker.bell)
    TIMERS.clear()
    MONITOR.reset()
    RUNTIME.reset()


borrow.hold(TIMERS)
os.register_at_fork(after_in_child=reset_after_fork)
