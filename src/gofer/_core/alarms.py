"""What timers do when they are due: wake a sleeper, send on a channel, start a goroutine."""

from __future__ import annotations

from time import time
from typing import Any
from weakref import ref

from gofer._core import borrow, guard, hub, reasons, scheduler, spawn, wakeup
from gofer._core import chan as channels
from gofer._core.chan import Chan
from gofer._core.goroutine import Goroutine
from gofer._core.hooks import HOOKS
from gofer._core.timers import TIMERS, Timer


class Sleeper(Timer):
    """Wakes a goroutine that sleeps."""

    def __init__(self, g: Goroutine) -> None:
        self.when = 0.0
        self.index = -1
        self.g = g

    def fire(self) -> None:
        if self.g.claim():
            scheduler.ready(self.g)


def sleep(seconds: float) -> None:
    """Parks the current goroutine for `seconds`; zero or less: yields."""
    if seconds <= 0.0:
        scheduler.yield_now()
        return
    g: Goroutine = scheduler.current()
    sleeper: Sleeper = Sleeper.__new__(Sleeper) if borrow.COMPILED else Sleeper(g)
    sleeper.g = g
    sleeper.index = -1
    g.arm()
    start(sleeper, TIMERS.now() + seconds)
    if scheduler.park(g, reasons.SLEEP, borrow.NOTHING):
        TIMERS.stop(sleeper)
        scheduler.raise_pending(g)


def start(timer: Timer, when: float) -> None:
    """Starts a timer, and shortens the sleep of the worker that keeps the time, which may be longer."""
    if TIMERS.start(timer, when):
        hub.keep_time()


def stop(timer: Timer) -> bool:
    """Stops a timer; whether it was started and had not fired."""
    if TIMERS.stop(timer):
        wakeup.look_again()
        return True
    return False


def start_in(timer: Timer, seconds: float) -> None:
    """Starts a timer that is due in `seconds`."""
    scheduler.current()
    if HOOKS.on:
        timer.started_after(HOOKS.tool.snapshot())
    start(timer, TIMERS.now() + max(seconds, 0.0))


class ChanAlarm(Timer):
    """Sends the time on a channel of capacity one, once or periodically; what does not fit is dropped.

    It refers to its channel weakly: a ticker that nobody refers to any more is collected.
    """

    def __init__(self) -> None:
        self.when = 0.0
        self.index = -1
        self.chan_ref: Any = None
        self.period = 0.0
        self.clock: Any = None

    def fire(self) -> None:
        chan = self.chan_ref()
        if chan is None:
            return
        if self.period > 0.0:
            now = TIMERS.now()
            missed = (now - self.when) // self.period
            TIMERS.start(self, self.when + (missed + 1.0) * self.period)
        chan.deliver(time(), self.clock)

    def started_after(self, clock: Any) -> None:
        """What came before the timer's start comes before the receive."""
        self.clock = clock

    def can_wake(self) -> bool:
        chan = self.chan_ref()
        return chan is not None and chan.waits_to_receive()


class TimerChan(Chan):
    """A timer's channel: it shows no length and no capacity, and holds a strong reference to its timer."""

    def deliver(self, value: Any, clock: Any) -> None:
        """Sends unless the buffer is full."""
        guard.lock(self.gate)
        if not channels.offer(self, value, clock):
            guard.unlock(self.gate)

    def discard(self) -> bool:
        """Forgets a value that was delivered and not received; whether there was one."""
        stale = None
        guard.lock(self.gate)
        if self.count:
            stale = channels.drain(self)
        guard.unlock(self.gate)
        return stale is not None

    def __len__(self) -> int:
        return 0


def new_timer_chan(period: float) -> TimerChan:
    """A channel with its alarm, which is not started; a ticker's where `period` is not zero."""
    chan: TimerChan = TimerChan.__new__(TimerChan)
    chan.open(1, None)
    alarm: ChanAlarm = ChanAlarm.__new__(ChanAlarm) if borrow.COMPILED else ChanAlarm()
    alarm.index = -1
    alarm.period = period
    alarm.chan_ref = ref(chan)
    chan.timer = alarm
    return chan


class FuncAlarm(Timer):
    """Starts a goroutine."""

    def __init__(self, fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
        self.when = 0.0
        self.index = -1
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.clock: Any = None

    def started_after(self, clock: Any) -> None:
        """What came before the timer's start comes before the function."""
        self.clock = clock

    def fire(self) -> None:
        if self.clock is None:
            spawn.go(self.fn, self.args, self.kwargs)
        else:
            spawn.go(call_after, (self.clock, self.fn, self.args, self.kwargs), None)


def call_after(clock: Any, fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
    """A timer's goroutine: calls the function after what came before the timer's start."""
    HOOKS.tool.acquire(clock)
    fn(*args, **(kwargs or {}))
