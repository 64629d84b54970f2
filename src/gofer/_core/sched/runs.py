"""Runs: how a thread becomes a worker for `gofer.run`, what is abandoned at its end, what a fork begins with."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import Any

from gofer._core.machine import bell, borrow, guard, reasons
from gofer._core.sched import interrupts, mail, owner, scheduler, threads, wakeup
from gofer._core.sched.goroutine import Goroutine, Mailbox
from gofer._core.sched.monitor import MONITOR
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.timers import TIMERS
from gofer._core.sched.worker import Worker

ANOTHER_RUN = "another gofer.run is active"


def begin_run(active: bool) -> bool | None:
    """The calling thread becomes a worker: true if it was not one before. None: it is in a goroutine already."""
    at = scheduler.this_worker()
    if not at:
        if active:
            raise RuntimeError(ANOTHER_RUN)
        RUNTIME.admit()
        begin_mail(scheduler.attach().main)
        return True
    worker: Worker = owner.worker(at)
    if worker.main is None or worker.current != borrow.of(worker.main):
        return None
    begin_mail(worker.main)
    return False


def begin_mail(main: Goroutine) -> None:
    """What the caller of `run` handles already is no concern of the run's."""
    box: Mailbox = main.mailbox
    box.outer = sys.exception()
    box.leaving = False
    box.deaf = False


def end_run(attached: bool) -> None:
    """Abandons all goroutines but this one; a thread that became a worker for the run is foreign again.

    Raises what was meant for the main goroutine (`SystemExit`, Ctrl-C) and came too late for it to wait once more; not
    another `SystemExit` where it ends by one.
    """
    at = scheduler.this_worker()
    if not at:
        return  # the child of a fork, which has not used gofer
    worker: Worker = owner.worker(at)
    RUNTIME.abandon(worker)
    main: Goroutine = worker.main
    late: Any = None
    if guard.seen(main.interrupted) and mail.receive(main):
        late = mail.open_letter(main)
    mail.EXITS.clear()
    box: Mailbox = main.mailbox
    box.outer = None
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
        guard.pin()
        g.arm()
        if scheduler.park(g, reasons.DEAD, borrow.NOTHING):
            scheduler.raise_pending(g)


def reset_after_fork() -> None:
    """The child has one thread, and a fresh runtime."""
    guard.reset()
    scheduler.become(None)
    for each in RUNTIME.workers:
        worker: Worker = each
        guard.take(worker.sleeping)  # what a goroutine of the parent waits for may come here; nobody is to be rung
        bell.after_fork(worker.bell)
    TIMERS.reset()
    threads.reset_after_fork()
    MONITOR.reset()
    RUNTIME.reset()
    interrupts.reset_after_fork()


def close() -> None:
    """The interpreter is about to end: no thread of gofer's may be where that would wait for it (see `threads`)."""
    RUNTIME.close()
    MONITOR.close()


borrow.hold(TIMERS)
atexit.register(close)
os.register_at_fork(after_in_child=reset_after_fork)
