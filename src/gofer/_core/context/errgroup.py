"""A group of goroutines whose first error ends the group's context. `gate` protects `error` and `tokens`.

`tokens` is a channel with room for as many goroutines as may run; each knows from which channel it has its token.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from gofer._core.chan.chan import Chan
from gofer._core.chan.select import select, send
from gofer._core.context import context as contexts
from gofer._core.machine import guard
from gofer._core.machine.errors import Goexit, Panic
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.sched import carriers, scheduler, spawn
from gofer._core.sync.waitgroup import WaitGroup


class Group(Uncopyable):
    """Goroutines that work on parts of one task. Go: `errgroup.Group`, with `errgroup.WithContext`. Must not be copied.

    `ctx` is derived from the context given, or from the background: it ends with the first error, which is its cause,
    or when `wait` returns. A context manager that waits; what its block raises ends `ctx` too. What a goroutine does
    happens before the `wait` that waited for it.

    >>> with Group() as group:
    ...     group.go(print, "hey")
    hey
    """

    def __init__(self, ctx: Any = None) -> None:
        self.gate = guard.make()
        self.active = guard.counter(0)
        self.context = contexts.with_cancel(contexts.background() if ctx is None else ctx)
        self.group = WaitGroup()
        self.tokens: Any = None
        self.error: Any = None

    @property
    def ctx(self) -> Any:
        """The group's context. Go: what `errgroup.WithContext` returns beside the group."""
        return self.context

    def go(self, fn: Any, /, *args: Any, **kwargs: Any) -> None:
        """Calls `fn(*args, **kwargs)` in a new goroutine; blocks while the limit is reached. Go: `Group.Go`.

        An `Exception` that leaves it is its error: the first ends `ctx`, and `wait` raises it. Anything else, such as
        SystemExit, acts as in any goroutine. Raises TypeError when `fn` cannot be called.
        """
        if not callable(fn):
            raise TypeError(f"Group.go: {fn!r} is not callable")
        tokens = self.limiter()
        if tokens is not None:
            tokens.send(None)
        self.begin(tokens, fn, args, kwargs)

    def try_go(self, fn: Any, /, *args: Any, **kwargs: Any) -> bool:
        """As `go` if the limit is not reached, else false; never blocks. Go: `Group.TryGo`."""
        if not callable(fn):
            raise TypeError(f"Group.try_go: {fn!r} is not callable")
        tokens = self.limiter()
        if tokens is not None and select(send(tokens, None), default=True).index != 0:
            return False
        self.begin(tokens, fn, args, kwargs)
        return True

    def set_limit(self, n: Any) -> None:
        """At most `n` goroutines at a time from now on; negative: no limit; zero: none can start. Go: `SetLimit`.

        Raises `Panic` while goroutines of the group are active.
        """
        if isinstance(n, bool) or not isinstance(n, int):
            raise TypeError(f"set_limit: a whole number is needed, not {type(n).__name__}")
        active = guard.read(self.active)
        if n >= 0 and active:
            raise Panic(f"errgroup: modify limit while {active} goroutines in the group are still active")
        tokens = Chan(n) if n >= 0 else None
        guard.lock(self.gate)
        before = self.tokens
        self.tokens = tokens
        guard.unlock(self.gate)
        del before

    def wait(self) -> None:
        """Blocks until all goroutines have ended, ends `ctx`, and raises the first error, if any. Go: `Group.Wait`."""
        self.group.wait()
        error = self.failure()
        self.context.cancel(error)
        if error is not None:
            raise error

    def limiter(self) -> Any:
        guard.lock(self.gate)
        tokens = self.tokens
        guard.unlock(self.gate)
        return tokens

    def failure(self) -> Any:
        guard.lock(self.gate)
        error = self.error
        guard.unlock(self.gate)
        return error

    def begin(self, tokens: Any, fn: Any, args: Any, kwargs: Any) -> None:
        guard.add(self.active, 1)
        self.group.add(1)
        spawn.go(work, (self, tokens, fn, args, kwargs), None)

    def end(self, tokens: Any) -> None:
        """A goroutine has ended: gives its token back."""
        guard.add(self.active, -1)
        if tokens is not None:
            tokens.recv()
        self.group.done()

    def fail(self, error: Any) -> None:
        """The first error is kept, and ends the context."""
        guard.lock(self.gate)
        first = self.error is None
        if first:
            self.error = error
        guard.unlock(self.gate)
        if first:
            self.context.cancel(error)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if error is None:
            self.wait()
            return
        self.context.cancel(error)
        if isinstance(error, Exception):
            self.group.wait()


def work(group: Group, tokens: Any, fn: Any, args: Any, kwargs: Any) -> None:
    """The body of a group's goroutine. It counts as active until a panic has been reported."""
    forks = scheduler.shared().forks
    try:
        fn(*args, **kwargs)
    except Goexit:
        group.end(tokens)
        raise
    except Exception as error:
        carriers.end_if_forked(forks, error)
        group.fail(error)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        carriers.fail(error)
    group.end(tokens)
