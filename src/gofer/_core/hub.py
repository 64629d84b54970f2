"""The hub: what a worker does when it has nothing to run. It fires timers, steals, and sleeps until somebody rings.

A worker raises `sleeping` before it looks for work for the last time; who makes work afterwards takes the flag and
rings the bell. So no wake-up is lost, an idle worker need not look from time to time, and ringing costs a system call
only where somebody sleeps. The last one to go to sleep asks whether anything can still wake it (see `deadlock`).

New carriers are started from here only: a greenlet inherits the recursion depth of the stack that it is started on.
"""

from __future__ import annotations

from gofer._core import bell, deadlock, guard, scheduler, switch
from gofer._core.monitor import MONITOR
from gofer._core.runtime import RUNTIME
from gofer._core.timers import NEVER, TIMERS
from gofer._core.worker import Worker


def hub(worker: Worker) -> None:
    """Runs when no goroutine of the worker does: finds work, or sleeps until there is some."""
    while True:
        if not worker.current and not find_work(worker):
            wait_for_work(worker)
            continue
        target = scheduler.next_target(worker)
        if target is worker.hub:
            target = scheduler.new_carrier(worker).greenlet
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
    guard.fence()
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
    longest = NEVER
    if last:
        if TIMERS.advance():
            return False
        if not RUNTIME.can_be_woken():
            longest = deadlock.settle()
    timeout = min(TIMERS.earliest - TIMERS.now(), longest)
    return bell.hear(worker.bell, timeout) if timeout > 0.0 else False


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
        bell.expect(worker.bell)


def install() -> None:
    """Has every worker do this."""
    switch.load()
    RUNTIME.hub = hub
    RUNTIME.work = work
