"""How often something may happen. Go: `golang.org/x/time/rate`.

A limiter is a bucket of at most `burst` tokens, full at first, into which `limit` tokens a second fall. An event takes
one. Its clock is `time.monotonic`. `Inf` is the limit that allows everything (Go: `rate.Inf`).
"""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from gofer._core.chan.select import recv, select
from gofer._core.context.interfaces import Context
from gofer._core.machine.duration import seconds
from gofer._core.machine.errors import Canceled
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.sched.timers import TIMERS
from gofer._core.sync.mutex import Mutex
from gofer.time import Timer

__all__ = ["Inf", "Limiter", "RateError", "Reservation", "every"]

Inf = math.inf


class RateError(Exception):
    """A `wait` that cannot succeed: more than the burst, or longer than the context's deadline.

    Go: the errors of `Limiter.WaitN`.
    """


def every(interval: float | timedelta) -> float:
    """The limit of one event an interval; `Inf` unless the interval is positive. Go: `rate.Every`."""
    gap = seconds(interval)
    return 1.0 / gap if gap > 0 else Inf


class Reservation:
    """Events that a limiter allows after a delay. Go: `rate.Reservation`."""

    def __init__(self, limiter: Limiter, ok: bool, tokens: int, act: float, limit: float) -> None:
        self.ok = ok
        self._limiter = limiter
        self._tokens = tokens
        self._act = act
        self._limit = limit

    def delay(self) -> float:
        """Seconds from now until the events may happen, 0 for at once; `Inf` where they never may. Go: `Delay`."""
        return max(self._act - TIMERS.now(), 0.0) if self.ok else Inf

    def cancel(self) -> None:
        """The events will not happen: gives back what no later reservation counts on. Go: `Reservation.Cancel`."""
        if self.ok:
            self._limiter._restore(self, TIMERS.now())


class Limiter(Uncopyable):
    """Allows `limit` events a second on average, and `burst` at once. Go: `rate.NewLimiter`. Must not be copied.

    With the limit `Inf` everything is allowed; with 0, nothing after the first `burst`. Safe from any thread.

    >>> limiter = Limiter(1, 2)
    >>> limiter.allow(), limiter.allow(), limiter.allow()
    (True, True, False)
    """

    def __init__(self, limit: float, burst: int) -> None:
        self._lock = Mutex()
        self._limit = _checked_limit(limit)
        self._burst = _checked_count(burst)
        self._tokens = float(burst)
        self._last = TIMERS.now()
        self._last_event = -Inf

    @property
    def limit(self) -> float:
        """Events a second. Go: `Limiter.Limit`."""
        return self._limit

    @property
    def burst(self) -> int:
        """The most events that may happen at once. Go: `Limiter.Burst`."""
        return self._burst

    def tokens(self) -> float:
        """How many tokens there are now; negative where they are reserved. Go: `Limiter.Tokens`."""
        with self._lock:
            return self._filled(TIMERS.now())

    def allow(self, n: int = 1) -> bool:
        """True if `n` events may happen now; if so, they count. Never blocks. Go: `Limiter.AllowN`."""
        return self._reserve(TIMERS.now(), _checked_count(n), 0.0).ok

    def reserve(self, n: int = 1) -> Reservation:
        """A reservation that tells how long to wait before `n` events. Its `ok` is false if `n` exceeds the burst.

        Never blocks. Go: `Limiter.ReserveN`.
        """
        return self._reserve(TIMERS.now(), _checked_count(n), Inf)

    def wait(self, ctx: Context, n: int = 1) -> None:
        """Blocks until `n` events may happen. Go: `Limiter.WaitN`.

        Raises `ctx.err()` when `ctx` ends first, and at once `RateError` when `n` exceeds the burst or the wait would
        exceed the context's deadline.
        """
        _checked_count(n)
        with self._lock:
            burst, limit = self._burst, self._limit
        if n > burst and limit != Inf:
            raise RateError(f"rate: Wait(n={n}) exceeds limiter's burst {burst}")
        done: Any = ctx.done()
        if done is not None and select(recv(done), default=True).index == 0:
            raise ctx.err() or Canceled()
        now = TIMERS.now()
        deadline = ctx.deadline()
        reservation = self._reserve(now, n, Inf if deadline is None else deadline - now)
        if not reservation.ok:
            raise RateError(f"rate: Wait(n={n}) would exceed context deadline")
        delay = reservation._act - now
        if delay <= 0:
            return
        timer = Timer(delay) if delay < Inf else None
        try:
            passed = select(recv(timer.c if timer is not None else None), recv(done)).index == 0
        except BaseException:
            reservation.cancel()
            raise
        finally:
            if timer is not None:
                timer.stop()
        if not passed:
            reservation.cancel()
            raise ctx.err() or Canceled()

    def set_limit(self, limit: float) -> None:
        """Changes the limit; what is reserved stays as it is. Go: `Limiter.SetLimit`."""
        limit = _checked_limit(limit)
        with self._lock:
            now = TIMERS.now()
            self._tokens, self._last, self._limit = self._filled(now), now, limit

    def set_burst(self, burst: int) -> None:
        """Changes the burst; what is reserved stays as it is. Go: `Limiter.SetBurst`."""
        _checked_count(burst)
        with self._lock:
            now = TIMERS.now()
            self._tokens, self._last, self._burst = self._filled(now), now, burst

    def _filled(self, now: float) -> float:
        """The tokens at a moment, before anything is taken."""
        return min(self._tokens + _tokens(self._limit, max(now - self._last, 0.0)), float(self._burst))

    def _reserve(self, now: float, n: int, longest: float) -> Reservation:
        with self._lock:
            if self._limit == Inf:
                return Reservation(self, True, n, now, Inf)
            tokens = self._filled(now) - n
            delay = _duration(self._limit, -tokens) if tokens < 0 else 0.0
            if n > self._burst or delay > longest:
                return Reservation(self, False, 0, now, self._limit)
            self._tokens, self._last, self._last_event = tokens, now, now + delay
            return Reservation(self, True, n, now + delay, self._limit)

    def _restore(self, reservation: Reservation, now: float) -> None:
        with self._lock:
            act = reservation._act
            if Inf in (self._limit, reservation._limit) or reservation._tokens == 0 or act < now:
                return
            later = _tokens(reservation._limit, self._last_event - act)
            restored = reservation._tokens - later
            if restored <= 0:
                return
            self._tokens = min(self._filled(now) + restored, float(self._burst))
            self._last = now
            if act == self._last_event:
                before = act - _duration(reservation._limit, reservation._tokens)
                if before >= now:
                    self._last_event = before

    def __repr__(self) -> str:
        return f"<Limiter {self._limit:g}/s, burst {self._burst}>"


def _tokens(limit: float, elapsed: float) -> float:
    """What falls into the bucket in `elapsed` seconds."""
    if limit <= 0 or elapsed == 0:
        return 0.0
    return limit * elapsed


def _duration(limit: float, tokens: float) -> float:
    """How long `tokens` take to fall into the bucket, in seconds."""
    return tokens / limit if limit > 0 else Inf


def _checked_limit(limit: float) -> float:
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or limit != limit:
        raise TypeError(f"a limit is a number of events a second, or Inf, not {limit!r}")
    return float(limit)


def _checked_count(n: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"events are counted in whole numbers, not {type(n).__name__}")
    if n < 0:
        raise ValueError(f"a number of events must not be negative: {n}")
    return n
