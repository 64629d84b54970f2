"""Waiting for futures.

A future calls back whoever completes it; the callback opens a latch of the wait's own. Its place among the future's
callbacks is given up when the wait ends otherwise, so that waiting again and again does not pile them up.

Deadlocks: who waits for a future has the reason FUTURE, which the detector takes for something that can still happen,
because what completes a future may be a thread that Python does not know. A future that only a goroutine completes
(class attribute `completed_by_goroutine`: those of `gofer.Executor`) is waited for with OWN_FUTURE, and that is a
deadlock when nothing else is left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gofer._core.machine import reasons
from gofer._core.outside import latch
from gofer._core.outside.latch import Latch

if TYPE_CHECKING:
    from concurrent.futures import Future

_T = TypeVar("_T")


class Opener:
    """A future's callback that opens a latch."""

    __slots__ = ("latch",)

    def __init__(self) -> None:
        self.latch = Latch()

    def __call__(self, future: object) -> None:
        self.latch.open()


def forget(future: Any, callback: Opener) -> None:
    """Takes a callback out of a future again, where the future lets us; left there, it does nothing."""
    condition = getattr(future, "_condition", None)
    callbacks = getattr(future, "_done_callbacks", None)
    if condition is None or not isinstance(callbacks, list):
        return
    with condition:
        if callback in callbacks:
            callbacks.remove(callback)


def seconds_of(timeout: Any) -> float:
    """A timeout as a latch wants it: None is no limit, and nothing is negative."""
    if timeout is None:
        return latch.NO_TIMEOUT
    if hasattr(timeout, "total_seconds"):
        return max(float(timeout.total_seconds()), 0.0)
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)):
        raise TypeError(f"a timeout is a number of seconds, a timedelta or None, not {type(timeout).__name__}")
    return max(float(timeout), 0.0)


def park_until_done(future: Any, seconds: float) -> bool:
    """In a goroutine: parks until a future is done; false when `seconds` have passed first."""
    if future.done():
        return True
    opener = Opener()
    if getattr(type(future), "completed_by_goroutine", False):
        reason = reasons.OWN_FUTURE
        future.add_opener(opener)
    else:
        reason = reasons.FUTURE
        future.add_done_callback(opener)
    finished = False
    try:
        finished = opener.latch.wait(reason, future, seconds)
    finally:
        if not finished:
            forget(future, opener)
    return finished or future.done()


def wait(future: Future[_T], timeout: Any = None) -> _T:
    """Parks the goroutine, not the thread, until a `concurrent.futures.Future` is done; returns or raises its result.

    `timeout` is in seconds, or a `timedelta`; None: no limit. Raises TimeoutError when the time is up, the future's
    exception, `CancelledError` when the future was cancelled, TypeError for what is no such future. Outside of
    goroutines it blocks the thread. A future's completion happens before `wait` returns.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> with ThreadPoolExecutor() as pool:
    ...     wait(pool.submit(pow, 2, 10))
    1024
    """
    seconds = seconds_of(timeout)
    if not (hasattr(future, "add_done_callback") and hasattr(future, "result")) or hasattr(future, "get_loop"):
        hint = ": use aio.run" if hasattr(future, "get_loop") else ""
        raise TypeError(f"wait: a concurrent.futures.Future is needed, not {type(future).__name__}{hint}")
    try:
        if not latch.in_goroutine():
            return future.result(None if timeout is None else seconds)
        if not park_until_done(future, seconds):
            raise TimeoutError(f"the future was not done within {seconds:g} s")
        return future.result(0)
    finally:
        del future  # the exception's traceback refers to this frame
