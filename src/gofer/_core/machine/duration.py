"""Durations: what the public functions accept, and how Go writes them."""

from __future__ import annotations

from datetime import timedelta


def seconds(d: object) -> float:
    """A duration, a number of seconds or a `timedelta`, in seconds; TypeError or ValueError for what is none."""
    if isinstance(d, timedelta):
        return d.total_seconds()
    if isinstance(d, bool) or not isinstance(d, (int, float)):
        raise TypeError(f"a duration is a number of seconds or a timedelta, not {type(d).__name__}")
    if d != d:
        raise ValueError("a duration must not be NaN")
    return float(d)


def text(seconds: float) -> str:
    """As Go writes it: `1h2m3.5s`, `15ms`, `-2µs`, `0s`."""
    if seconds in (float("inf"), float("-inf")):
        return str(seconds)
    nanoseconds = round(abs(seconds) * 1e9)
    sign = "-" if seconds < 0 and nanoseconds else ""
    for limit, unit, scale in ((1_000, "ns", 1), (1_000_000, "µs", 1_000), (1_000_000_000, "ms", 1_000_000)):
        if 0 < nanoseconds < limit:
            return f"{sign}{_decimal(nanoseconds, scale)}{unit}"
    minutes, rest = divmod(nanoseconds, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    whole = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{whole}{_decimal(rest, 1_000_000_000)}s"


def _decimal(amount: int, scale: int) -> str:
    """`amount / scale`, exactly, without zeros at the end."""
    whole, part = divmod(amount, scale)
    digits = str(part).rjust(len(str(scale)) - 1, "0").rstrip("0") if part else ""
    return f"{whole}.{digits}" if digits else str(whole)
