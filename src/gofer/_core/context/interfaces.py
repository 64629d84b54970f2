"""What other code may implement for gofer to use."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from gofer._core.chan.views import RecvChan


@runtime_checkable
class Context(Protocol):
    """A deadline, a cancellation signal and values that belong to one piece of work. Go: `context.Context`.

    Any object with these four methods is one. Where it has Go's optional `after_func(fn) -> stop` too, contexts derived
    from it use that; otherwise a goroutine waits for its `done()`.
    """

    def deadline(self) -> float | None:
        """The `time.monotonic` second at which it ends by itself; None: never. Go: `Deadline`."""

    def done(self) -> RecvChan[Any] | None:
        """The channel that is closed when the work should stop; None: it never has to. The same one each time.

        Go: `Done`.
        """

    def err(self) -> Exception | None:
        """Why it has ended, `Canceled` or `DeadlineExceeded`; None as long as `done()` is not closed. Go: `Err`."""

    def value(self, key: Any) -> Any:
        """What belongs to `key` here or in a parent; None where nothing does. Go: `Value`."""


Context.__module__ = "gofer.context"
