"""Channels and goroutines for asyncio, and asyncio for goroutines.

`recv`, `recv_ok`, `send` and `go` are awaited in a coroutine, on any loop in any thread; `run` is for goroutines.
"""

from __future__ import annotations

import asyncio
import os
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

from gofer._core import scheduler, spawn, wakeup
from gofer._core.chan import Chan, RecvChan, SendChan
from gofer._core.errors import Goexit
from gofer._core.futures import wait
from gofer._core.visit import Visit

__all__ = ["go", "recv", "recv_ok", "run", "send"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def recv(ch: Chan[_T] | RecvChan[_T]) -> _T:
    """Waits for a value, or the zero value of a closed and drained channel. Go: `<-ch`.

    Where the task is cancelled, nothing is received: a value that came in the same instant goes back, to the next who
    waits to receive or to the front of the channel. The send happens before the return.
    """
    value, _ = await _visit(_chan(ch, "recv"), False, None)
    return cast(_T, value)


async def recv_ok(ch: Chan[_T] | RecvChan[_T]) -> tuple[_T, bool]:
    """As `recv`, with False once the channel is closed and drained. Go: `v, ok := <-ch`."""
    return cast("tuple[_T, bool]", await _visit(_chan(ch, "recv"), False, None))


async def send(ch: Chan[_T] | SendChan[_T], value: _T) -> None:
    """Waits until `value` has been received or buffered. Go: `ch <- value`.

    Where the task is cancelled the value is not sent, unless a receiver took it in the same instant. Raises
    `ClosedChannelError` when the channel is closed, before or while it waits. Happens before the receive.
    """
    await _visit(_chan(ch, "send"), True, value)


async def go(fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Runs `fn(*args, **kwargs)` in a goroutine, with a copy of the `contextvars`, and waits for its result. Go: `go`.

    Where the task is cancelled the goroutine goes on; an exception of its goes to the loop's exception handler then.
    Raises TypeError when `fn` cannot be called. The call happens before `fn` begins, its end before the return.
    """
    if not callable(fn):
        raise TypeError(f"aio.go: {fn!r} is not callable")
    result: Chan[tuple[Any, BaseException | None]] = Chan(1)
    loop = asyncio.get_running_loop()
    abandoned: list[bool] = []
    spawn.go_elsewhere(_run_task, (loop, abandoned, result, fn, args, kwargs), None)
    try:
        value, error = await recv(result)
    except BaseException:
        abandoned.append(True)
        if len(result):
            _report(loop, result.recv()[1])
        raise
    if error is None:
        return cast(_T, value)
    try:
        raise error
    finally:
        del error  # the exception's traceback refers to this frame


def _run_task(loop: Any, abandoned: list[bool], result: Any, fn: Any, args: Any, kwargs: Any) -> None:
    """The goroutine of `go`. Whichever of it and its cancelled awaiter comes second finds the other's mark."""
    value: Any = None
    failure: BaseException | None = None
    try:
        value = fn(*args, **kwargs)
    except Goexit:
        failure = RuntimeError("the goroutine called runtime.goexit")
    except Exception as error:  # noqa: BLE001  (whoever awaits it gets it)
        failure = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
    result.send((value, failure))
    if abandoned and len(result):
        _call(loop, partial(_report, loop, result.recv()[1]))


def _report(loop: AbstractEventLoop, error: BaseException | None) -> None:
    if error is not None:
        message = "exception in a goroutine whose awaiting task was cancelled"
        loop.call_exception_handler({"message": message, "exception": error})


def _call(loop: AbstractEventLoop, callback: Callable[[], object]) -> bool:
    """Has the loop call it; false where the loop is closed."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        return False
    return True


def _chan(ch: Any, operation: str) -> Any:
    """The channel behind a channel or one of its views."""
    chan = getattr(ch, "chan", ch)
    if not isinstance(chan, Chan) or not hasattr(ch, operation):
        raise TypeError(f"aio.{operation}: a channel to {operation} on is needed, not {type(ch).__name__}")
    return chan


class _Wakeup:
    """Called by who has completed a visit, in whatever thread: has the loop complete the task's future."""

    __slots__ = ("future", "loop", "visit")

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self.future: asyncio.Future[None] = loop.create_future()
        self.visit: Any = None

    def __call__(self) -> None:
        if not _call(self.loop, self.finish):
            spawn.go_elsewhere(self.visit.give_back, (), None)  # the loop is closed: nobody will take it

    def finish(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


async def _visit(chan: Any, sends: bool, value: Any) -> Any:
    wakeup = _Wakeup(asyncio.get_running_loop())
    visit: Any = Visit(chan, sends, value, wakeup)
    wakeup.visit = visit
    if not visit.begin():
        spawn.lend()
        try:
            await wakeup.future
        except BaseException:
            if not visit.withdraw():
                visit.give_back()
            raise
    return visit.finish()


class _Shared:
    """The loop of `run`: one thread, started at the first use. It is no live thread to the deadlock detector while it
    has nothing to do.
    """

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.loop: AbstractEventLoop | None = None
        self.thread: threading.Thread | None = None
        self.active = 0

    def begin(self) -> AbstractEventLoop:
        """The loop, with one more coroutine to come."""
        with self.gate:
            if self.loop is None:
                self.loop = asyncio.new_event_loop()
                self.thread = threading.Thread(target=self.loop.run_forever, name="gofer-asyncio", daemon=True)
                self.thread.start()
            self.count(1)
            return self.loop

    def end(self, future: object) -> None:
        """A coroutine has ended, and who waited for it has been woken."""
        with self.gate:
            self.count(-1)

    def count(self, change: int) -> None:
        self.active += change
        if self.thread is not None:
            self.thread.__dict__["gofer_helper"] = self.active == 0
        if not self.active:
            wakeup.thread_rests()


def run(coro: Coroutine[Any, Any, _T], /) -> _T:
    """Parks the goroutine until a coroutine is done, which runs as a task on a loop that all calls share.

    Returns what it returns and raises what it raises; it sees the caller's `contextvars`. Where the goroutine is
    interrupted the task is cancelled. In a foreign thread it blocks that. Raises RuntimeError where a loop runs in this
    thread (await the coroutine instead), TypeError for what is no coroutine. No twin in Go.

    >>> import asyncio
    >>> run(asyncio.sleep(0, "hey"))
    'hey'
    """
    if not asyncio.iscoroutine(coro):
        raise TypeError(f"aio.run: a coroutine is needed, not {type(coro).__name__}")
    if scheduler.in_loop():
        coro.close()
        raise RuntimeError("aio.run was called where an asyncio loop runs: await the coroutine instead")
    shared = _SHARED
    future = asyncio.run_coroutine_threadsafe(coro, shared.begin())
    try:
        return wait(future)
    except BaseException:
        future.cancel()
        raise
    finally:
        future.add_done_callback(shared.end)
        del future  # the exception's traceback refers to this frame


def _reset_after_fork() -> None:
    global _SHARED
    _SHARED = _Shared()


_SHARED = _Shared()
os.register_at_fork(after_in_child=_reset_after_fork)
