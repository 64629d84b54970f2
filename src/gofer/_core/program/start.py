"""`go` and `gosched`; compiled, so that the caller's frame is the innermost one."""

from __future__ import annotations

from typing import Any

from gofer._core.machine import entry
from gofer._core.sched import scheduler, spawn


def launch(fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
    """The body of `go`."""
    if not callable(fn):
        raise TypeError(f"go: {fn!r} is not callable")
    spawn.go(fn, args, kwargs)


def go(fn: Any, /, *args: Any, **kwargs: Any) -> None:
    """Starts `fn(*args, **kwargs)` in a new goroutine and returns at once. Go: the `go` statement.

    The goroutine gets a copy of the caller's `contextvars`. Nobody waits for it: when the main goroutine ends, the
    program does. An exception that leaves it is a panic: the program ends with status 2. From any thread.

    Raises TypeError when `fn` cannot be called. The call happens before the goroutine's first step.
    """
    launch(fn, args, kwargs or None)


def gosched() -> None:
    """Lets the other runnable goroutines run first. Go: `Gosched`."""
    scheduler.yield_now()


go = entry.go(go, launch)
