"""A semaphore whose holders take more than one unit. Go: `golang.org/x/sync/semaphore`."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from gofer._core.chan.chan import Chan
from gofer._core.chan.select import recv, select
from gofer._core.context.interfaces import Context
from gofer._core.machine.errors import Canceled, Panic
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.sync.mutex import Mutex

__all__ = ["Weighted"]


class Weighted(Uncopyable):
    """`n` units, of which each caller takes some. Go: `semaphore.NewWeighted`. Must not be copied.

    First come, first served: while a large request waits, no later one gets in before it, so it is not starved.
    `release` happens before the `acquire` that it lets in. Raises ValueError when `n` is negative.

    >>> from gofer import context
    >>> s = Weighted(10)
    >>> s.acquire(context.background(), 7)
    >>> s.try_acquire(4)
    False
    >>> s.release(7)
    """

    def __init__(self, n: int) -> None:
        self._size = _weight(n)
        self._held = 0
        self._lock = Mutex()
        self._waiting: OrderedDict[Chan[None], int] = OrderedDict()

    def acquire(self, ctx: Context, n: int = 1) -> None:
        """Blocks until `n` units are free, and takes them; raises `ctx.err()` when `ctx` ends first. Go: `Acquire`.

        Nothing is taken then, nor when `ctx` has ended before. More than there are at all waits for `ctx` only.
        """
        _weight(n)
        done = ctx.done()
        ready: Chan[None] = Chan()
        with self._lock:
            if _ended(done):
                raise _reason(ctx)
            if self._size - self._held >= n and not self._waiting:
                self._held += n
                return
            doomed = n > self._size
            if not doomed:
                self._waiting[ready] = n
        if doomed:
            select(recv(done))
            raise _reason(ctx)
        try:
            acquired = select(recv(done), recv(ready)).index == 1 and not _ended(done)
        except BaseException:
            self._withdraw(ready, n)
            raise
        if not acquired:
            self._withdraw(ready, n)
            raise _reason(ctx)

    def try_acquire(self, n: int = 1) -> bool:
        """Takes `n` units if they are free and nobody waits; whether it did. Never blocks. Go: `TryAcquire`."""
        _weight(n)
        with self._lock:
            free = self._size - self._held >= n and not self._waiting
            if free:
                self._held += n
        return free

    def release(self, n: int = 1) -> None:
        """Gives `n` units back. Raises `Panic("semaphore: released more than held")`. Go: `Release`."""
        _weight(n)
        with self._lock:
            if self._held < n:
                raise Panic("semaphore: released more than held")
            self._held -= n
            self._let_in()

    def _withdraw(self, ready: Chan[None], n: int) -> None:
        """Who waited does not want its units any more, be it that it has them already."""
        with self._lock:
            if self._waiting.pop(ready, None) is None:
                self._held -= n
            self._let_in()

    def _let_in(self) -> None:
        """Serves those who have waited longest, up to the first whose units are not free."""
        while self._waiting:
            ready, n = next(iter(self._waiting.items()))
            if self._size - self._held < n:
                break
            self._held += n
            del self._waiting[ready]
            ready.close()

    def __repr__(self) -> str:
        return f"<Weighted {self._held}/{self._size}>"


def _weight(n: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"a semaphore counts in whole numbers, not {type(n).__name__}")
    if n < 0:
        raise ValueError(f"a semaphore's units must not be negative: {n}")
    return n


def _ended(done: Any) -> bool:
    return done is not None and select(recv(done), default=True).index == 0


def _reason(ctx: Context) -> Exception:
    return ctx.err() or Canceled()
