"""The hub: what a worker does when it has nothing to run. It fires timers, steals, sleeps, and notices a deadlock.

A worker raises `sleeping` before it looks for work for the last time; who makes work afterwards takes the flag and
rings the bell. So no wake-up is lost, and ringing costs a system call only where somebody sleeps.

New carriers are started from here only: a greenlet inherits the recursion depth of the stack that it is started on.
Rejected: an idle worker that polls.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from gofer._core import borrow, guard, reasons, scheduler, switch
from gofer._core.errors import DeadlockError
from gofer._core.goroutine import Carrier, Goroutine
from gofer._core.monitor import MONITOR
from gofer._core.runtime import RUNTIME
from gofer._core.timers import TIMERS
from gofer._core.worker import Worker

LONGEST_WAIT = 1.0  # a signal that comes just before the thread blocks does not wake it
FOREIGN_POLL = 0.05


def new_carrier(worker: Worker) -> Carrier:
    """A carrier that starts with `worker.current`; only the hub makes them."""
    carrier = Carrier()
    carrier.worker = borrow.of(worker)
    carrier.greenlet = switch.new(partial(scheduler.carry, carrier))
    borrow.hide(carrier.greenlet)
    borrow.hold(carrier)
    return carrier


def hub(worker: Worker) -> None:
    """Runs when no goroutine of the worker does: finds work, or sleeps until there is some."""
    while True:
        if not worker.current and not find_work(worker):
            wait_for_work(worker)
            continue
        target = scheduler.next_target(worker)
        if target is worker.hub:
            target = new_carrier(worker).greenlet
        switch.to(target)


def work(worker: Worker) -> None:
    """The life of a worker's own thread."""
    scheduler.become(worker)
    worker.hub = switch.current()
    hub(worker)


def find_work(worker: Worker) -> bool:
    """Makes a runnable goroutine current, if there is one for this worker anywhere."""
    worker.now = TIMERS.now()
    if TIMERS.earliest <= worker.now:
        TIMERS.fire_due()
    if worker.pick():
        return True
    return RUNTIME.procs > 1 and steal(worker)


def steal(thief: Worker) -> bool:
    """Takes a goroutine that has not started from another worker."""
    for other in RUNTIME.all_workers():
        victim: Worker = other
        if victim is not thief and victim.has_fresh() and victim.steal_into(thief):
            return True
    return False


def wait_for_work(worker: Worker) -> None:
    """Sleeps until somebody rings, a timer is due, or nothing will ever happen.

    `RUNTIME.idle` counts the workers that have looked for work in vain with their flag up. Who takes the flag counts
    the worker out, so a worker that has been rung but has not woken yet is not taken for an idle one.
    """
    guard.raise_flag(worker.sleeping)
    if find_work(worker):
        wake_up(worker, False, False)
        return
    rung = False
    idle = guard.add(RUNTIME.idle, 1)
    try:
        rung = sleep_until_rung(worker, idle >= len(RUNTIME.all_workers()))
    except BaseException as error:
        main = RUNTIME.main_goroutine()
        if main is None:
            raise
        error.__traceback__ = None
        scheduler.interrupt(main, error)
    finally:
        wake_up(worker, True, rung)


def sleep_until_rung(worker: Worker, last: bool) -> bool:
    """Whether the bell has been heard; `last`: all other workers are idle too. A signal handler may raise here."""
    stuck = last and not RUNTIME.can_be_woken()
    if last and TIMERS.advance():
        return False
    if stuck and not settle(worker):
        return False
    timeout = min(TIMERS.earliest - TIMERS.now(), FOREIGN_POLL if stuck else LONGEST_WAIT)
    switch.check_signals()
    return bool(worker.bell.acquire(True, timeout)) if timeout > 0.0 else False


def wake_up(worker: Worker, counted: bool, rung: bool) -> None:
    """Awake again: lowers the flag, or hears the bell of who has."""
    if guard.take(worker.sleeping):
        if counted:
            guard.add(RUNTIME.idle, -1)
        MONITOR.nudge()
        return
    if not counted:
        guard.add(RUNTIME.idle, 1)
    if not rung:
        worker.bell.acquire()


def settle(worker: Worker) -> bool:
    """All workers are idle and nothing of gofer's will wake one: true where a foreign thread still could, otherwise
    it is a deadlock, and the main goroutine is told.
    """
    if RUNTIME.is_foreign_alive():
        return True
    workers = RUNTIME.all_workers()
    for each in workers:
        other: Worker = each
        if not guard.seen(other.sleeping):
            return True  # it has woken by itself, and may have been given work since
    for member in RUNTIME.goroutines():
        waiting: Goroutine = member
        if waiting.reason == reasons.FUTURE:
            return True  # who completes a future need not be a thread that Python knows
    if guard.read(RUNTIME.idle) < len(workers):
        return True  # a thread that has ended meanwhile had rung somebody before
    main: Goroutine | None = RUNTIME.main_goroutine()
    if main is None or not main.claim():
        return True  # it runs, or somebody has woken it; or another idle worker has come here first
    try:
        error: Any = deadlock_error(main)
    except BaseException as failure:
        error = failure  # Ctrl-C, while the dump is made
    main.pending = error
    guard.raise_flag(main.interrupted)
    scheduler.ready(main)
    return False


def deadlock_error(main: Goroutine) -> DeadlockError:
    """What the main goroutine is told, with a dump of all."""
    dump = RUNTIME.on_event("deadlock")
    if main.reason == reasons.DEAD:
        return DeadlockError("no goroutines (main called runtime.Goexit) - deadlock!", dump)
    return DeadlockError(goroutines=dump)


def install() -> None:
    """Has every worker do this."""
    switch.load()
    RUNTIME.hub = hub
    RUNTIME.work = work
