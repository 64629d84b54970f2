"""The hub: what a worker does when it has nothing to run. It fires timers, steals, and sleeps until somebody rings.

A worker raises `sleeping` before it looks for work for the last time; who makes work afterwards takes the flag and
rings the bell. So no wake-up is lost, an idle worker need not look from time to time, and ringing costs a system call
only where somebody sleeps. The last one to go to sleep asks whether anything can still wake it (see `deadlock`).

New carriers are started from here only: a greenlet inherits the recursion depth of the stack that it is started on.

Nothing foreign must wait here, because then nobody would find work. Beside a GIL the collector, and with it the
destructors of what it finds, does not run on a hub. (A signal's handler may, and is refused where it would wait.)
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import bell, borrow, clock, collector, guard, spin, switch
from gofer._core.sched import borrowed, carriers, deadlock, interrupts, scheduler, wakeup
from gofer._core.sched.goroutine import Carrier, Goroutine
from gofer._core.sched.monitor import MONITOR
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.timers import NEVER, TIMERS
from gofer._core.sched.worker import LONGEST_SPIN, PATIENCE, SHORTEST_SPIN, Worker


def hub(worker: Worker) -> None:
    """Runs when no goroutine of the worker does: finds work, or sleeps until there is some."""
    while True:
        guard.unpin()
        worker.paused = collector.pause()
        target = next_to_run(worker)
        guard.pin()
        collector.resume(worker.paused)
        if target == borrow.NOTHING:  # uncompiled, a greenlet that has not started is false
            break
        came = switch.to(target)
        if worker.carrier_ended:
            worker.carrier_ended = False
            switch.received(came)  # nothing that anybody has given
        elif came or scheduler.is_started(worker.current):
            scheduler.send_back(worker, came)


def next_to_run(worker: Worker) -> Any:
    """The greenlet to switch to, borrowed, as soon as there is one; NOTHING: the worker's thread ends."""
    while not worker.current and not find_work(worker):
        if worker.leaving and may_end(worker):
            return borrow.NOTHING
        wait_for_work(worker)
    chosen = worker.current
    worker.current = borrow.NOTHING  # it does not run yet: a signal's handler that comes here must not act as it
    if worker.keeps_time:
        leave_clock(worker)
    if worker.seeks:
        worker.seeks = False
        pass_on()
    carrier: Carrier | None = None
    g: Goroutine = borrowed.goroutine(chosen)
    if not g.carrier and not worker.idle:
        carrier = carriers.new_carrier(worker)
    worker.current = chosen
    return scheduler.next_target(worker) if carrier is None else borrow.of(carrier.greenlet)


def work(worker: Worker) -> None:
    """The life of a worker's own thread."""
    scheduler.become(worker)
    worker.hub = switch.current()
    hub(worker)
    end(worker)


def may_end(worker: Worker) -> bool:
    """True if the thread of a worker that is leaving is needed no more."""
    return not worker.started and worker.main is None and not worker.permanent


def end(worker: Worker) -> None:
    """The last thing that a worker's thread does."""
    while worker.idle:
        carrier: Carrier = borrowed.carrier(worker.idle)
        worker.idle = carrier.next
        came = switch.to(borrow.of(carrier.greenlet))
        if came:
            scheduler.send_back(worker, came)
    worker.thread.gofer_helper = True
    RUNTIME.bury(worker)
    RUNTIME.open_worker(worker)
    if worker.has_fresh():
        hand_off(worker)
    if worker.keeps_time:
        leave_clock(worker)
        pass_on()
    scheduler.become(None)
    wakeup.look_again()


def hand_off(worker: Worker) -> None:
    """Gives what a worker has not started to one that takes it, which is started where there is none."""
    heir: Worker | None = None
    for each in RUNTIME.all_workers():
        other: Worker = each
        if not other.closed:
            heir = other
    if heir is None:
        heir = RUNTIME.start_worker()
    worker.lend_to(heir)
    wakeup.ring(heir)


def find_work(worker: Worker) -> bool:
    """Makes a runnable goroutine current, if there is one for this worker anywhere."""
    worker.now = TIMERS.now()
    if TIMERS.earliest <= worker.now:
        TIMERS.fire_due(worker.now)
    worker.saw_young = False
    worker.turned_away = False
    return worker.pick() or (RUNTIME.several and steal(worker))


def steal(thief: Worker) -> bool:
    """Takes goroutines that have not started from another worker, where they wait too long for it. `saw_young`: they
    do not yet, so it must look again soon. `turned_away`: it may not take any.
    """
    if not RUNTIME.may_take(thief):
        thief.turned_away = True
        return False
    now = clock.monotonic()
    for other in RUNTIME.all_workers():
        victim: Worker = other
        if victim is not thief and victim.has_fresh():
            if victim.is_overdue(now) and not thief.leaves_pool_to(victim, now) and victim.steal_into(thief):
                thief.seeks = True
                return True
            thief.saw_young = True
    return False


def pass_on() -> None:
    """Who was to see to it that new goroutines are taken and timers kept runs something now, or may not take any more:
    wakes another one if there are any.
    """
    if RUNTIME.several and any_fresh():
        wakeup.wake_one()
    if RUNTIME.size > 1 and TIMERS.earliest < NEVER and guard.seen(RUNTIME.clock_post):
        wake_timekeeper()


def keep_time() -> None:
    """A timer has become the earliest: the idle worker that keeps the time must look again how long to sleep; if none
    does, one that is idle must begin.
    """
    if guard.read(RUNTIME.drowsy) > 0:
        for each in RUNTIME.all_workers():
            worker: Worker = each
            if worker.keeps_time:
                wakeup.ring(worker)  # or it is awake, and looks before it sleeps, or sends for another one
                return
        wake_timekeeper()


def wake_timekeeper() -> None:
    """Has an idle worker keep the time."""
    for each in RUNTIME.all_workers():
        worker: Worker = each
        if wakeup.send_for(worker):
            return


def leave_clock(worker: Worker) -> None:
    """Who kept the time runs something now."""
    worker.keeps_time = False
    guard.raise_flag(RUNTIME.clock_post)
    guard.fence()
    worker.seeks = True


def wait_for_work(worker: Worker) -> None:
    """Sleeps until somebody rings, a timer is due, or nothing will ever happen.

    `RUNTIME.drowsy` counts the workers that have their flag up or are about to: who makes work looks at no flag while
    it is 0. `RUNTIME.idle` counts the workers that have looked for work in vain with their flag up. Who takes the flag
    counts the worker out, so a worker that has been rung but has not woken yet is not taken for an idle one.
    """
    if spin.POSSIBLE and RUNTIME.several and not worker.saw_young and spin_for_work(worker):
        return
    worker.seeks = False
    guard.add(RUNTIME.drowsy, 1)
    guard.raise_flag(worker.sleeping)
    guard.fence()
    if find_work(worker):
        wake_up(worker, False, False)
        return
    if worker.turned_away:
        pass_on()
    watches = worker.saw_young and guard.seen(RUNTIME.watch_post) and guard.take(RUNTIME.watch_post)
    if watches:
        worker.seeks = True
    rung = False
    idle = guard.add(RUNTIME.idle, 1)
    try:
        rung = sleep_until_rung(worker, idle >= len(RUNTIME.all_workers()))
    except BaseException as error:
        main = RUNTIME.main_goroutine()
        if main is None:
            raise
        error.__traceback__ = None
        interrupts.interrupt(main, error)
    finally:
        wake_up(worker, True, rung)
        if watches:
            guard.raise_flag(RUNTIME.watch_post)


def spin_for_work(worker: Worker) -> bool:
    """True if another worker makes a goroutine of this one runnable within a moment, so that it need not sleep.

    For as long as that has paid of late; every 16th time for the longest. Half of the workers may do so at a time.
    """
    worker.idled += 1
    longest = LONGEST_SPIN if not worker.idled & 15 else worker.patience
    if TIMERS.earliest - TIMERS.now() < 1e-4:
        return False
    found = False
    if guard.add(RUNTIME.spinning, 1) <= max(RUNTIME.procs // 2, 1):
        found = spin.until(worker.posted_head, longest)
        worker.patience = LONGEST_SPIN if found else max(SHORTEST_SPIN, worker.patience // 2)
    guard.add(RUNTIME.spinning, -1)
    return found


def any_fresh() -> bool:
    """True if something is left to be taken: a closed worker leaves it to the others, and one of them will look."""
    for each in RUNTIME.all_workers():
        worker: Worker = each
        if worker.has_fresh():
            return True
    return False


def sleep_until_rung(worker: Worker, last: bool) -> bool:
    """True if the bell has been heard; `last`: all other workers are idle too. A signal handler may raise here."""
    timeout = time_to_sleep(worker, last)
    if timeout <= 0.0:
        return False
    collector.resume(worker.paused)
    try:
        return bool(bell.hear(worker.bell, timeout))
    finally:
        worker.paused = collector.pause()


def time_to_sleep(worker: Worker, last: bool) -> float:
    """Until what may be due by then, in seconds; not positive: something is."""
    longest = NEVER
    if last and not (guard.read(RUNTIME.closed) and any_fresh()):
        if TIMERS.advance():
            return 0.0
        if not RUNTIME.can_be_woken():
            longest = deadlock.settle(worker)
    if TIMERS.earliest < NEVER and not worker.keeps_time:
        worker.keeps_time = guard.seen(RUNTIME.clock_post) and guard.take(RUNTIME.clock_post)
    timeout = longest
    if worker.keeps_time and not TIMERS.is_virtual:
        timeout = min(TIMERS.earliest - TIMERS.now(), longest)
    if worker.seeks:
        timeout = min(timeout, PATIENCE)
    return timeout


def wake_up(worker: Worker, counted: bool, rung: bool) -> None:
    """Awake again: lowers the flag, or hears the bell of who has."""
    guard.add(RUNTIME.drowsy, -1)
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
