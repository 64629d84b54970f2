"""Once. `mutex` is held while the function runs, and protects the step to done; `done` itself is read by anybody.

Happens-before: who finds `done` raised acquires what the first caller released before it raised it.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import guard
from gofer._core.machine.hooks import HOOKS
from gofer._core.sync.edges import Edges
from gofer._core.sync.mutex import Mutex


class Once(Edges):
    """Runs a function once, whoever asks first. Go: `sync.Once`. Must not be copied.

    The function's return happens before the return of every `do`.

    >>> once = Once()
    >>> for _ in range(3):
    ...     once.do(lambda: print("hey"))
    hey
    """

    def __init__(self) -> None:
        self.open_edges()
        self.mutex = Mutex()
        self.done = guard.flag(0)

    def do(self, fn: Any) -> None:
        """Calls `fn()` if no `do` of this Once has been called before; any function counts. Go: `Once.Do`.

        Blocks while another caller's function runs, so a `fn` that calls `do` of the same Once waits for itself. What
        `fn` raises goes to its caller, and the Once is done all the same. Raises TypeError, and is not done, when `fn`
        cannot be called.
        """
        if not callable(fn):
            raise TypeError(f"Once.do: {fn!r} is not callable")
        if not guard.seen(self.done):
            self.first(fn)
        if HOOKS.on:
            self.acquire()

    def first(self, fn: Any) -> None:
        self.mutex.lock()
        try:
            if not guard.seen(self.done):
                try:
                    fn()
                finally:
                    if HOOKS.on:
                        self.release()
                    guard.raise_flag(self.done)
        finally:
            self.mutex.unlock()

    def __repr__(self) -> str:
        return f"<Once {'done' if guard.seen(self.done) else 'not done'}>"


class Outcome:
    """What a function has returned or raised the only time that it was called; belongs to its Once."""

    def __init__(self, fn: Any) -> None:
        self.once = Once()
        self.fn = fn
        self.value: Any = None
        self.error: Any = None
        self.traceback: Any = None

    def find(self) -> None:
        """Calls the function and lets go of it."""
        fn = self.fn
        self.fn = None
        try:
            self.value = fn()
        except BaseException as error:
            self.error = error
            self.traceback = error.__traceback__

    def get(self) -> Any:
        """The value, or the exception again, each time with the traceback of the only call."""
        self.once.do(self.find)
        if self.error is not None:
            raise self.error.with_traceback(self.traceback)
        return self.value
