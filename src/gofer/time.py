"""Time. Go: the package `time`. Durations are seconds (`float`, `int`) or `datetime.timedelta`."""

from __future__ import annotations

from time import monotonic
from time import time as now

from gofer._core.time.tickers import Ticker, Timer, after, after_func, sleep, tick

__all__ = ["Ticker", "Timer", "after", "after_func", "monotonic", "now", "sleep", "tick"]
