"""Time. Go: the package `time`. Durations are seconds (`float`, `int`) or `datetime.timedelta`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from time import time as now
from typing import Any, ParamSpec

from gofer._core import alarms
from gofer._core.chan import RecvChan
from gofer._core.duration import seconds as _seconds

__all__ = ["Ticker", "Timer", "after", "after_func", "monotonic", "now", "sleep", "tick"]

Duration = float | timedelta
_P = ParamSpec("_P")


def sleep(d: Duration) -> None:
    """Parks the goroutine for at least `d`; returns at once when that is not positive. Go: `time.Sleep`."""
    alarms.sleep(_seconds(d))


class Timer:
    """Delivers the time on `c` once, after `d`. Go: `time.NewTimer`.

    The channel shows length and capacity 0, and after `stop` or `reset` no stale value is received from it. Starting
    the timer happens before the receive.
    """

    _alarm: Any
    c: RecvChan[float] | None

    def __init__(self, d: Duration) -> None:
        seconds = _seconds(d)
        self.c, self._alarm, self._discard = _channel(0.0)
        alarms.start_in(self._alarm, seconds)

    @classmethod
    def _of_function(cls, seconds: float, fn: Callable[..., object], args: tuple[Any, ...]) -> Timer:
        timer = cls.__new__(cls)
        timer.c = None
        timer._alarm = alarms.FuncAlarm(fn, args)
        timer._discard = _nothing
        alarms.start_in(timer._alarm, seconds)
        return timer

    def stop(self) -> bool:
        """Keeps it from firing; true if it was to fire, false if it has fired or was stopped. Never blocks."""
        stopped = alarms.stop(self._alarm)
        return self._discard() or stopped

    def reset(self, d: Duration) -> bool:
        """Has it fire after `d` from now; returns as `stop`."""
        seconds = _seconds(d)
        active = self.stop()
        alarms.start_in(self._alarm, seconds)
        return active


class Ticker:
    """Delivers the time on `c` every `d`, dropping ticks for a slow receiver. Go: `time.NewTicker`.

    Raises ValueError unless `d` is positive.
    """

    c: RecvChan[float]

    def __init__(self, d: Duration) -> None:
        seconds = _period(d)
        self.c, self._alarm, self._discard = _channel(seconds)
        alarms.start_in(self._alarm, seconds)

    def stop(self) -> None:
        """No more ticks; the channel is not closed."""
        alarms.stop(self._alarm)
        self._discard()

    def reset(self, d: Duration) -> None:
        """The next tick comes after `d` from now, and then every `d`."""
        seconds = _period(d)
        self.stop()
        self._alarm.set_period(seconds)
        alarms.start_in(self._alarm, seconds)


def _period(d: Duration) -> float:
    seconds = _seconds(d)
    if seconds <= 0:
        raise ValueError("non-positive interval for NewTicker")
    return seconds


def _nothing() -> bool:
    return False


def _channel(period: float) -> tuple[RecvChan[float], Any, Callable[[], bool]]:
    chan = alarms.timer_chan()
    alarm = alarms.ChanAlarm(chan, period)
    chan.hold(alarm)
    return chan.receiver, alarm, chan.discard


def after(d: Duration) -> RecvChan[float]:
    """A channel that delivers the time once, after `d`. Go: `time.After`."""
    channel = Timer(d).c
    assert channel is not None
    return channel


def tick(d: Duration) -> RecvChan[float] | None:
    """A ticker's channel; None when `d` is not positive. Go: `time.Tick`."""
    return Ticker(d).c if _seconds(d) > 0 else None


def after_func(d: Duration, fn: Callable[_P, object], /, *args: _P.args, **kwargs: _P.kwargs) -> Timer:
    """Calls `fn(*args)` in a goroutine of its own after `d`, unless the timer is stopped. Go: `time.AfterFunc`.

    The timer's `c` is None. Raises TypeError when `fn` cannot be called.
    """
    seconds = _seconds(d)
    if not callable(fn):
        raise TypeError(f"after_func: {fn!r} is not callable")
    return Timer._of_function(seconds, fn, args)
