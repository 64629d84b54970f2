"""Timers and tickers as programs see them: an alarm, and the channel that it delivers on.

The channel's view is made when it is asked for: many a timer is stopped before anybody waits for it.
"""

from __future__ import annotations

from typing import Any

from gofer._core import alarms, duration
from gofer._core.chan import RecvChan
from gofer._core.uncopyable import Uncopyable


def sleep(d: Any) -> None:
    """Parks the goroutine for at least `d`; returns at once when that is not positive. Go: `time.Sleep`."""
    alarms.sleep(duration.seconds(d))


class Timer(Uncopyable):
    """Delivers the time on `c` once, after `d`. Go: `time.NewTimer`.

    The channel shows length and capacity 0, and after `stop` or `reset` no stale value is received from it. Starting
    the timer happens before the receive.
    """

    def __init__(self, d: Any) -> None:
        seconds = duration.seconds(d)
        self.chan = alarms.new_timer_chan(0.0)
        self.alarm: Any = self.chan.timer
        self.view: Any = None
        alarms.start_in(self.alarm, seconds)

    @property
    def c(self) -> Any:
        """The channel; None for what `after_func` returns."""
        if self.view is None and self.chan is not None:
            self.view = RecvChan(self.chan)
        return self.view

    def stop(self) -> bool:
        """Keeps it from firing; true if it was to fire, false if it has fired or was stopped. Never blocks.

        Go: `Timer.Stop`.
        """
        stopped = alarms.stop(self.alarm)
        return (self.chan is not None and self.chan.discard()) or stopped

    def reset(self, d: Any) -> bool:
        """Has it fire after `d` from now; returns as `stop`. Never blocks. Go: `Timer.Reset`."""
        seconds = duration.seconds(d)
        active = self.stop()
        alarms.start_in(self.alarm, seconds)
        return active


def func_timer(seconds: float, fn: Any, args: tuple[Any, ...], kwargs: Any) -> Timer:
    """A timer, started, that calls `fn(*args, **kwargs)` in a goroutine."""
    timer: Timer = Timer.__new__(Timer)
    timer.chan = None
    timer.view = None
    timer.alarm = alarms.FuncAlarm(fn, args, kwargs)
    alarms.start_in(timer.alarm, seconds)
    return timer


class Ticker(Uncopyable):
    """Delivers the time on `c` every `d`, dropping ticks for a slow receiver. Go: `time.NewTicker`.

    Raises ValueError unless `d` is positive.
    """

    def __init__(self, d: Any) -> None:
        seconds = period_of(d)
        self.chan = alarms.new_timer_chan(seconds)
        self.view: Any = None
        alarms.start_in(self.chan.timer, seconds)

    @property
    def c(self) -> Any:
        """The channel."""
        if self.view is None:
            self.view = RecvChan(self.chan)
        return self.view

    def stop(self) -> None:
        """No more ticks; the channel is not closed. Never blocks. Go: `Ticker.Stop`."""
        alarms.stop(self.chan.timer)
        self.chan.discard()

    def reset(self, d: Any) -> None:
        """The next tick comes after `d` from now, and then every `d`. Never blocks. Go: `Ticker.Reset`.

        Raises ValueError unless `d` is positive.
        """
        seconds = period_of(d)
        self.stop()
        self.chan.timer.period = seconds
        alarms.start_in(self.chan.timer, seconds)


def period_of(d: Any) -> float:
    """A ticker's interval in seconds; ValueError unless it is positive."""
    seconds = duration.seconds(d)
    if seconds <= 0.0:
        raise ValueError("non-positive interval for NewTicker")
    return seconds
