"""One call at a time for a key: who comes while it runs shares its result. Go: `golang.org/x/sync/singleflight`."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, Generic, NamedTuple, TypeVar

from gofer._core.chan.chan import Chan
from gofer._core.chan.views import RecvChan
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.sched import spawn
from gofer._core.sync.mutex import Mutex

__all__ = ["Group", "Result"]

_T = TypeVar("_T")


class Result(NamedTuple, Generic[_T]):
    """What a call returned or raised, and whether it went to several callers. Go: `singleflight.Result`."""

    value: _T
    error: Exception | None
    shared: bool


class _Call:
    """A call under way; `ended` is closed at its end, and nothing changes after that."""

    def __init__(self) -> None:
        self.ended: Chan[None] = Chan()
        self.value: Any = None
        self.error: BaseException | None = None
        self.traceback: TracebackType | None = None
        self.duplicates = 0
        self.channels: list[Chan[Result[Any]]] = []

    def outcome(self) -> Result[Any]:
        """The result, or raises what the function raised; a `goexit` in it ends each caller's goroutine too."""
        if self.error is not None:
            raise self.error.with_traceback(self.traceback)
        return Result(self.value, None, self.duplicates > 0)


class Group(Uncopyable):
    """A set of keys, and the calls under way for them. Go: `singleflight.Group`. Must not be copied.

    The function's end happens before the return of every `do`, and before the receive of every `do_chan`, of its call.

    >>> Group().do("key", lambda: 6 * 7)
    Result(value=42, error=None, shared=False)
    """

    def __init__(self) -> None:
        self._lock = Mutex()
        self._calls: dict[Hashable, _Call] = {}

    def do(self, key: Hashable, fn: Callable[[], _T]) -> Result[_T]:
        """The result of `fn()`, or of the call for `key` that is under way. Go: `Group.Do`.

        Blocks until there is one. Raises what the function raised, to every caller.
        """
        call, mine = self._enter(key, fn, None)
        if mine:
            self._perform(call, key, fn)
        else:
            call.ended.recv()
        return call.outcome()

    def do_chan(self, key: Hashable, fn: Callable[[], _T]) -> RecvChan[Result[_T]]:
        """As `do`, in a goroutine: the result comes on the channel, an exception as its `error`. Go: `DoChan`.

        What is no `Exception`, such as SystemExit, acts as in any goroutine; nothing comes then.
        """
        channel: Chan[Result[_T]] = Chan(1)
        call, mine = self._enter(key, fn, channel)
        if mine:
            spawn.go(self._perform_alone, (call, key, fn), None)
        return channel.receiver

    def forget(self, key: Hashable) -> None:
        """The next `do` for `key` calls its function, whether a call is under way or not. Go: `Group.Forget`."""
        with self._lock:
            self._calls.pop(key, None)

    def _enter(self, key: Hashable, fn: Callable[[], Any], channel: Chan[Result[Any]] | None) -> tuple[_Call, bool]:
        """The call for `key`, and whether the caller has to perform it."""
        if not callable(fn):
            raise TypeError(f"singleflight: {fn!r} is not callable")
        with self._lock:
            call = self._calls.get(key)
            mine = call is None
            if call is None:
                call = self._calls[key] = _Call()
            else:
                call.duplicates += 1
            if channel is not None:
                call.channels.append(channel)
        return call, mine

    def _perform(self, call: _Call, key: Hashable, fn: Callable[[], Any]) -> None:
        try:
            call.value = fn()
        except BaseException as error:  # noqa: BLE001  (every caller gets it)
            call.error = error
            call.traceback = error.__traceback__
        with self._lock:
            if self._calls.get(key) is call:
                del self._calls[key]
            call.ended.close()
            if call.error is None or isinstance(call.error, Exception):
                for channel in call.channels:
                    channel.send(Result(call.value, call.error, call.duplicates > 0))

    def _perform_alone(self, call: _Call, key: Hashable, fn: Callable[[], Any]) -> None:
        self._perform(call, key, fn)
        if call.error is not None and not isinstance(call.error, Exception):
            raise call.error
