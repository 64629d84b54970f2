"""Time. Go: the package `time`. Durations are seconds (`float`, `int`) or `datetime.timedelta`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from time import time as now
from typing import ParamSpec

from gofer._core.chan import RecvChan
from gofer._core.duration import seconds as _seconds
from gofer._core.tickers import Ticker, Timer, func_timer, sleep

__all__ = ["Ticker", "Timer", "after", "after_func", "monotonic", "now", "sleep", "tick"]

Duration = float | timedelta
_P = ParamSpec("_P")


def after(d: Duration) -> RecvChan[float]:
    """A channel that delivers the time once, after `d`. Go: `time.After`."""
    channel = Timer(d).c
    assert channel is not None
    return channel


def tick(d: Duration) -> RecvChan[float] | None:
    """A ticker's channel; None when `d` is not positive. Go: `time.Tick`."""
    return Ticker(d).c if _seconds(d) > 0 else None


def after_func(d: Duration, fn: Callable[_P, object], /, *args: _P.args, **kwargs: _P.kwargs) -> Timer:
    """Calls `fn(*args, **kwargs)` in a goroutine after `d`, unless the timer is stopped. Go: `time.AfterFunc`.

    The timer's `c` is None. Raises TypeError when `fn` cannot be called.
    """
    seconds = _seconds(d)
    if not callable(fn):
        raise TypeError(f"after_func: {fn!r} is not callable")
    return func_timer(seconds, fn, args, kwargs or None)
