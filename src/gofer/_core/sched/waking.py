"""Waking several at once, first come first served: who lets them go claims them in its guard, and readies them here.

They are a ring of waiters that are in no queue any more, linked by `next`, of which one knows the last; so nothing has
to be made in the guard, and nothing can fail there.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import borrow
from gofer._core.sched import borrowed, scheduler
from gofer._core.sched.goroutine import Waiter


def add(last: Any, w: Waiter) -> Any:
    """With a waiter more, which is the last from now on; begins with NOTHING."""
    if last:
        before: Waiter = borrowed.waiter(last)
        w.next = before.next
        before.next = borrow.of(w)
    else:
        w.next = borrow.of(w)
    return borrow.of(w)


def first(last: Any) -> Any:
    """The first of some."""
    w: Waiter = borrowed.waiter(last)
    return w.next


def without_first(last: Any) -> Any:
    """The others; NOTHING where there are none."""
    w: Waiter = borrowed.waiter(last)
    if w.next == last:
        return borrow.NOTHING
    gone: Waiter = borrowed.waiter(w.next)
    w.next = gone.next
    return last


def ready_all(last: Any) -> None:
    """Makes their goroutines runnable. A waiter belongs to its goroutine again once that is done."""
    while last:
        at = first(last)
        last = without_first(last)
        w: Waiter = borrowed.waiter(at)
        scheduler.ready(borrowed.goroutine(w.goroutine))
