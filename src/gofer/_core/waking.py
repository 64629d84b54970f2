"""Waking several at once, first come first served: who lets them go claims them in its guard, and readies them here."""

from __future__ import annotations

from typing import Any

from gofer._core import borrowed, scheduler
from gofer._core.goroutine import Waiter


def ready_all(last: Any) -> None:
    """Makes claimed waiters' goroutines runnable; each refers by `value` to the one that was claimed before it."""
    first: Any = None
    while last is not None:
        w: Waiter = last
        last = w.value
        w.value = first
        first = w
    while first is not None:
        w = first
        first = w.value
        w.value = None
        scheduler.ready(borrowed.goroutine(w.goroutine))
