"""What gofer raises. `Panic` is what Go would panic with; a `FatalError` no `except Exception` catches."""

from __future__ import annotations


class Panic(RuntimeError):
    """A misuse for which Go panics; raised in the caller, catchable."""


class ClosedChannelError(Panic):
    """`send on closed channel`, `close of closed channel`."""


class WaitGroupError(Panic):
    """`sync: negative WaitGroup counter` and the group's other misuses."""


class FatalError(BaseException):
    """An error after which Go ends the program: `fatal error: …`, status 2."""


class DeadlockError(FatalError):
    """Every goroutine is blocked and nothing can wake one. `goroutines` is the dump of them all."""

    def __init__(self, message: str = "all goroutines are asleep - deadlock!", goroutines: str = "") -> None:
        super().__init__(message)
        self.goroutines = goroutines


class Goexit(BaseException):
    """Unwinds a goroutine for `runtime.goexit`; never seen outside it."""


class Canceled(Exception):
    """`context canceled`: why a context has ended that was cancelled. Go: `context.Canceled`."""

    def __init__(self, message: str = "context canceled") -> None:
        super().__init__(message)


class DeadlineExceeded(TimeoutError):
    """`context deadline exceeded`: why a context has ended whose time was up. Go: `context.DeadlineExceeded`."""

    def __init__(self, message: str = "context deadline exceeded") -> None:
        super().__init__(message)


for _error in (Panic, ClosedChannelError, WaitGroupError, FatalError, DeadlockError):
    _error.__module__ = "gofer"
for _reason in (Canceled, DeadlineExceeded):
    _reason.__module__ = "gofer.context"
