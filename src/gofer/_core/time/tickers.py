"""Timers and tickers as programs see them: a timer's channel and its view, or a function and its alarm.

The view is made when it is asked for, once: many a timer is stopped before anybody waits for it.
"""

from __future__ import annotations

from typing import Any

from gofer._core.chan.views import RecvChan
from gofer._core.machine import duration, guard
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.sched import hub, spawn, wakeup
from gofer._core.sched.timers import TIMERS
from gofer._core.time import alarms
from gofer._core.time.alarms import FuncAlarm


def sleep(d: Any) -> None:
    """Parks the goroutine for at least `d`; returns at once when that is not positive. Go: `time.Sleep`."""
    alarms.sleep(duration.seconds(d))


def after(d: Any) -> Any:
    """A channel that delivers the time once, after `d`. Go: `time.After`."""
    chan = alarms.new_timer_chan()
    chan.start(duration.seconds(d), 0.0)
    return RecvChan(chan)


def tick(d: Any) -> Any:
    """A ticker's channel; None when `d` is not positive. Go: `time.Tick`."""
    seconds = duration.seconds(d)
    if seconds <= 0.0:
        return None
    chan = alarms.new_timer_chan()
    chan.start(seconds, seconds)
    return RecvChan(chan)


class Delivering(Uncopyable):
    """What timers and tickers share: a channel, and its one view, which the channel's guard protects."""

    @property
    def c(self) -> Any:
        """The channel; None for what `after_func` returns."""
        chan = self.chan
        if chan is None:
            return None
        guard.lock(chan.gate)
        view = self.view
        guard.unlock(chan.gate)
        if view is None:
            fresh = RecvChan(chan)
            guard.lock(chan.gate)
            if self.view is None:
                self.view = fresh
            view = self.view
            guard.unlock(chan.gate)
        return view


class Timer(Delivering):
    """Delivers the time on `c` once, after `d`. Go: `time.NewTimer`.

    The channel shows length and capacity 0, and after `stop` or `reset` no stale value is received from it. A timer
    that is forgotten is collected at once. Starting the timer happens before the receive.
    """

    def __init__(self, d: Any) -> None:
        seconds = duration.seconds(d)
        self.chan = alarms.new_timer_chan()
        self.view: Any = None
        self.chan.start(seconds, 0.0)

    def open_func(self, fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
        """As new, with a function in the place of the channel; `gate` protects `alarm`."""
        self.chan = None
        self.view = None
        self.gate = guard.make()
        self.alarm: Any = None
        self.fn = fn
        self.args = args
        self.kwargs = kwargs

    def stop(self) -> bool:
        """Keeps it from firing; true if it was to fire, false if it has fired or was stopped. Never blocks.

        Go: `Timer.Stop`.
        """
        if self.chan is not None:
            return self.chan.stop()
        return self.replace(None, 0.0)

    def reset(self, d: Any) -> bool:
        """Has it fire after `d` from now; returns as `stop`. Never blocks. Go: `Timer.Reset`.

        A function is then called as by who resets it.
        """
        seconds = duration.seconds(d)
        if self.chan is not None:
            return self.chan.start(seconds, 0.0)
        return self.replace(FuncAlarm(spawn.origin(), self.fn, self.args, self.kwargs), seconds)

    def replace(self, fresh: FuncAlarm | None, seconds: float) -> bool:
        """Stops a function's alarm, and starts another one unless that is None; whether the first was to be fired."""
        first = False
        if fresh is not None:
            fresh.lasting = alarms.attend()
        when = TIMERS.now() + max(seconds, 0.0)
        guard.lock(self.gate)
        before = self.alarm
        self.alarm = fresh
        stopped = before is not None and TIMERS.stop(before)
        if fresh is not None:
            first = TIMERS.start(fresh, when)
        guard.unlock(self.gate)
        del before  # out of the guard: it refers to the program's objects
        if first:
            hub.keep_time()
        if stopped and fresh is None:
            wakeup.look_again()
        return stopped


def after_func(d: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Timer:
    """Calls `fn(*args, **kwargs)` in a goroutine after `d`, unless the timer is stopped. Go: `time.AfterFunc`.

    The goroutine has a copy of the caller's `contextvars`, and is the caller's as one that `go` starts. The timer's `c`
    is None. Raises TypeError when `fn` cannot be called. The call happens before `fn` begins.
    """
    seconds = duration.seconds(d)
    if not callable(fn):
        raise TypeError(f"after_func: {fn!r} is not callable")
    timer: Timer = Timer.__new__(Timer)
    timer.open_func(fn, args, kwargs or None)
    timer.replace(FuncAlarm(spawn.origin(), fn, args, timer.kwargs), seconds)
    return timer


class Ticker(Delivering):
    """Delivers the time on `c` every `d`, dropping ticks for a slow receiver. Go: `time.NewTicker`.

    Raises ValueError unless `d` is positive.
    """

    def __init__(self, d: Any) -> None:
        seconds = period_of(d)
        self.chan = alarms.new_timer_chan()
        self.view: Any = None
        self.chan.start(seconds, seconds)

    def stop(self) -> None:
        """No more ticks; the channel is not closed. Never blocks. Go: `Ticker.Stop`."""
        self.chan.stop()

    def reset(self, d: Any) -> None:
        """The next tick comes after `d` from now, and then every `d`. Never blocks. Go: `Ticker.Reset`.

        Raises ValueError unless `d` is positive.
        """
        seconds = period_of(d)
        self.chan.start(seconds, seconds)


def period_of(d: Any) -> float:
    """A ticker's interval in seconds; ValueError unless it is positive."""
    seconds = duration.seconds(d)
    if seconds <= 0.0:
        raise ValueError("non-positive interval for NewTicker")
    return seconds
