"""Contexts: cancellation, deadlines and values of a piece of work. Go: the package `context`.

A function that may take long gets a context, waits for `ctx.done()` beside whatever else it waits for, and passes
contexts derived from it on. Who has started the work ends it: by `cancel`, by a deadline, or with its own parent.

    with context.with_timeout(parent, 2.5) as ctx:
        match select(recv(answers), recv(ctx.done())):
            case 0, answer, True: return answer
            case _: raise ctx.err()
"""

from __future__ import annotations

from datetime import timedelta

from gofer._core.context.context import (
    CancelContext,
    after_func,
    background,
    cause,
    todo,
    with_cancel,
    with_deadline_at,
    with_value,
    without_cancel,
)
from gofer._core.context.interfaces import Context
from gofer._core.machine.duration import seconds as _seconds
from gofer._core.machine.errors import Canceled, DeadlineExceeded
from gofer._core.sched.timers import TIMERS
from gofer.signal import notify_context

__all__ = [
    "CancelContext",
    "Canceled",
    "Context",
    "DeadlineExceeded",
    "after_func",
    "background",
    "cause",
    "notify_context",
    "todo",
    "with_cancel",
    "with_cancel_cause",
    "with_deadline",
    "with_deadline_cause",
    "with_timeout",
    "with_timeout_cause",
    "with_value",
    "without_cancel",
]


def with_cancel_cause(parent: Context) -> CancelContext:
    """As `with_cancel`, whose `cancel` takes a cause as well. Go: `context.WithCancelCause`."""
    return with_cancel(parent)


def with_deadline(parent: Context, when: float) -> CancelContext:
    """A context that ends at `when`, a `time.monotonic` second, or when cancelled, or with `parent`.

    Where `parent` ends earlier by itself, its deadline is kept. Go: `context.WithDeadline`. Starting it happens before
    `done()` closes because of it.
    """
    return with_deadline_cause(parent, when, None)


def with_deadline_cause(parent: Context, when: float, cause: BaseException | None) -> CancelContext:
    """As `with_deadline`; `cause` is what `cause(ctx)` tells when it was the deadline. Go: `WithDeadlineCause`."""
    if isinstance(when, (bool, timedelta)) or not isinstance(when, (int, float)):
        raise TypeError(f"a deadline is a second of time.monotonic(), a number, not {type(when).__name__}")
    return with_deadline_at(parent, _seconds(when), cause)


def with_timeout(parent: Context, seconds: float | timedelta) -> CancelContext:
    """`with_deadline` that many seconds from now. Go: `context.WithTimeout`.

    >>> with with_timeout(background(), 0) as ctx:
    ...     ctx.err()
    DeadlineExceeded('context deadline exceeded')
    """
    return with_deadline_at(parent, TIMERS.now() + _seconds(seconds), None)


def with_timeout_cause(parent: Context, seconds: float | timedelta, cause: BaseException | None) -> CancelContext:
    """As `with_timeout`; `cause` is what `cause(ctx)` tells when it was the timeout. Go: `WithTimeoutCause`."""
    return with_deadline_at(parent, TIMERS.now() + _seconds(seconds), cause)
