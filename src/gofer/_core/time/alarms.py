"""What timers do when they are due: wake a sleeper, give a value to who waits on a channel, start a goroutine.

A timer's channel has no buffer, and nothing is sent on it: it knows the moment from which it has a value, and who
receives takes it. So who polls sees it in time whoever else runs; after `stop` or `reset` no stale value is left
anywhere; a ticker that nobody waits on costs nothing; and a timer that nobody refers to is freed long before it is due.
Its alarm is in the heap just while somebody waits on the channel. (Go does the same since 1.23. When each timer was in
the heap and its value in a buffer, a worker that had taken a timer out could put in a value after a `reset`, and what a
forgotten timer held stayed until it was due.)

A channel's guard protects its timer's state, too; `go_off`, called for an alarm that has been taken out of the heap,
looks there whether it still is to happen.

What a timer starts is the act of who has started the timer, with that one's context variables and clock: who notices
that it is due has no part in it. A function's alarm is started once and never changed; who resets a timer makes
another one.
"""

from __future__ import annotations

from typing import Any
from weakref import ref

from gofer._core.chan.chan import Chan
from gofer._core.machine import borrow, clock, guard, reasons
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import borrowed, hub, scheduler, spawn, wakeup
from gofer._core.sched.goroutine import Goroutine, Waiter
from gofer._core.sched.monitor import MONITOR
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.spawn import Origin
from gofer._core.sched.timers import NEVER, TIMERS, Deadline

EPSILON = 2.0**-52


class Sleeper(Deadline):
    """Wakes a goroutine that sleeps. `gate` protects `g`, which is None once it sleeps no more."""

    def __init__(self, g: Goroutine) -> None:
        super().__init__()
        self.gate = guard.make()
        self.g: Goroutine | None = g

    def fire(self, now: float) -> None:
        claimed = False
        guard.lock(self.gate)
        g: Goroutine | None = self.g
        if g is not None:
            claimed = g.claim()
        guard.unlock(self.gate)
        if g is not None and claimed:
            scheduler.ready(g)

    def forget(self) -> None:
        """The goroutine waits for something else from now on, which a late `fire` must not end."""
        guard.lock(self.gate)
        g = self.g
        self.g = None
        guard.unlock(self.gate)
        del g  # out of the guard


def sleep(seconds: float) -> None:
    """Parks the current goroutine for `seconds`; zero or less: yields."""
    if seconds <= 0.0:
        scheduler.yield_now()
        return
    g: Goroutine = scheduler.current()
    sleeper: Sleeper = Sleeper.__new__(Sleeper) if borrow.COMPILED else Sleeper(g)
    sleeper.g = g
    sleeper.index = -1
    if not g.worker:
        attend()
        sleeper.lasting = True
    guard.pin()
    g.arm()
    if TIMERS.start(sleeper, TIMERS.now() + seconds):
        hub.keep_time()
    if scheduler.park(g, reasons.SLEEP, borrow.NOTHING):
        TIMERS.stop(sleeper)
        sleeper.forget()
        scheduler.raise_pending(g)


def attend() -> bool:
    """Sees to it that somebody notices when a timer is due, though this goroutine may compute until then and be the
    only one, or this thread run none, or be in an asyncio loop. Whether it is a foreign thread.
    """
    scheduler.current()  # the main thread becomes a worker
    if MONITOR.wanted:
        MONITOR.start()
    foreign = not scheduler.this_worker()
    if foreign or scheduler.in_loop():
        RUNTIME.background()
    return foreign


def start(timer: Deadline, when: float) -> None:
    """Starts a timer, and shortens the sleep of the worker that keeps the time, which may be longer."""
    timer.lasting = attend()
    if TIMERS.start(timer, when):
        hub.keep_time()


def stop(timer: Deadline) -> bool:
    """Stops a timer; whether it was started and had not been taken out to be fired."""
    if TIMERS.stop(timer):
        wakeup.look_again()
        return True
    return False


def following(when: float, period: float, now: float) -> float:
    """The first moment after `now` that is a whole number of periods after `when`; where there are more of them than
    the clock can tell apart, the next that it can.
    """
    after = when + ((now - when) // period + 1.0) * period
    if now < after < NEVER:
        return after
    return now + max(period, now * EPSILON)


class ChanAlarm(Deadline):
    """Rings a timer's channel while somebody waits on it. It refers to the channel weakly: who waits holds that."""

    def __init__(self) -> None:
        super().__init__()
        self.chan_ref: Any = None

    def fire(self, now: float) -> None:
        chan: TimerChan | None = self.chan_ref()
        if chan is not None:
            chan.go_off(now)


class TimerChan(Chan):
    """A timer's channel. While `active` it has a value, the time, from `when` on; with a `period` the next one after
    that has been taken, and what comes meanwhile is dropped. `clock` is that of who started the timer.

    `taken` is the value that was taken last since the timer was started, `taken_at` its `when`: it may be given back.
    """

    def open_timer(self) -> None:
        """As new, and not started."""
        self.open(0, None)
        self.timed = True
        self.alarm: ChanAlarm | None = None
        self.active = False
        self.when = 0.0
        self.period = 0.0
        self.clock: Any = None
        self.taken = 0.0
        self.taken_at = 0.0

    def start(self, seconds: float, period: float) -> bool:
        """(Re)starts the timer: due in `seconds`, then every `period`. Whether a value was there or to come."""
        scheduler.current()
        mine = HOOKS.tool.snapshot() if HOOKS.on else None
        when = TIMERS.now() + max(seconds, 0.0)
        guard.lock(self.gate)
        active = self.active
        before = self.clock
        self.clock = mine
        self.active = True
        self.when = when
        self.period = period
        self.taken = 0.0
        first = self.enlist()
        guard.unlock(self.gate)
        del before  # out of the guard
        if first:
            hub.keep_time()
        return active

    def stop(self) -> bool:
        """No value comes any more, nor is there one; whether one was there or to come."""
        guard.lock(self.gate)
        active = self.active
        self.active = False
        self.taken = 0.0
        removed = self.alarm is not None and TIMERS.stop(self.alarm)
        guard.unlock(self.gate)
        if removed:
            wakeup.look_again()
        return active

    def is_due(self) -> bool:
        """In the guard: whether there is a value, and nobody who waits for it."""
        return self.active and not self.receivers.head and self.when <= TIMERS.now()

    def serve(self, into: Waiter) -> bool:
        """Takes the value into a waiter if there is one, and then leaves the guard; false: still in it."""
        now = TIMERS.now()
        if not self.active or self.receivers.head or self.when > now:
            return False
        self.take(into, now)
        guard.unlock(self.gate)
        return True

    def take(self, into: Waiter, now: float) -> None:
        """In the guard: the time at which the value came is handed over."""
        self.taken = clock.wall() - (now - self.when)
        self.taken_at = self.when
        if self.period > 0.0:
            self.when = following(self.when, self.period, now)
        else:
            self.active = False
        guard.grow()
        into.value = self.taken
        into.ok = True
        into.clock = self.clock

    def go_off(self, now: float) -> None:
        """Its alarm was due at `now`: serves who has waited longest, unless the timer was stopped or reset since."""
        w: Waiter | None = None
        guard.lock(self.gate)
        if self.active and self.when <= now and self.receivers.head:
            w = self.receivers.pop()
            if w is not None:
                self.take(w, now)
        first = self.enlist()
        guard.unlock(self.gate)
        if w is not None:
            served: Waiter = w
            scheduler.ready(borrowed.goroutine(served.goroutine))
        if first:
            hub.keep_time()

    def prepare(self) -> None:
        """For who is about to wait, before it enters the guard: all that can fail, or run the collector."""
        if self.alarm is None:
            alarm: ChanAlarm = ChanAlarm.__new__(ChanAlarm) if borrow.COMPILED else ChanAlarm()
            alarm.index = -1
            alarm.chan_ref = ref(self)
            guard.lock(self.gate)
            if self.alarm is None:
                self.alarm = alarm
            guard.unlock(self.gate)
        if not scheduler.this_worker():
            self.alarm.lasting = attend()

    def watch(self) -> None:
        """Somebody waits on it now, or does not any more: has its alarm in the heap just while somebody does."""
        guard.lock(self.gate)
        first = self.enlist()
        guard.unlock(self.gate)
        if first:
            hub.keep_time()

    def enlist(self) -> bool:
        """`watch`, in the guard; whether the alarm is the earliest of all now."""
        if self.alarm is None:
            return False
        if self.active and self.receivers.head:
            return TIMERS.start(self.alarm, self.when)
        TIMERS.stop(self.alarm)
        return False

    def take_back(self, value: float) -> None:
        """A value that was taken is there again, unless the timer was stopped or reset since, or the next one taken."""
        guard.lock(self.gate)
        if value == self.taken:
            self.taken = 0.0
            self.active = True
            self.when = self.taken_at
        first = self.enlist()
        guard.unlock(self.gate)
        if first:
            hub.keep_time()


def new_timer_chan() -> TimerChan:
    """A timer's channel; the timer is not started."""
    chan: TimerChan = TimerChan.__new__(TimerChan)
    chan.open_timer()
    return chan


class FuncAlarm(Deadline):
    """Starts a goroutine, once; `origin` is who has started the timer."""

    def __init__(self, origin: Any, fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
        super().__init__()
        self.origin: Any = origin
        self.fn = fn
        self.args = args
        self.kwargs = kwargs

    def fire(self, now: float) -> None:
        origin: Origin = self.origin
        self.origin = None
        spawn.go_from(origin, None, self.fn, self.args, self.kwargs)
