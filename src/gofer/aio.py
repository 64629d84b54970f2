"""Channels and goroutines for asyncio, and asyncio for goroutines.

`recv`, `recv_ok`, `send` and `go` are awaited in a coroutine, on any loop in any thread; `run` is for goroutines.
"""

from __future__ import annotations

import asyncio
import os
import threading
from _thread import RLock
from asyncio import AbstractEventLoop
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import ContextVar
from functools import partial
from typing import Any, ParamSpec, TypeVar, cast

from gofer._core.chan.chan import Chan
from gofer._core.chan.views import RecvChan, SendChan
from gofer._core.chan.visit import Visit
from gofer._core.machine.errors import Goexit
from gofer._core.outside.futures import wait
from gofer._core.sched import carriers, interrupts, scheduler, spawn, wakeup

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


_owner: ContextVar[_Job | None] = ContextVar("gofer.aio", default=None)  # whose job a task or callback is part of


class _Job:
    """A coroutine that a caller of `run` waits for. Everything but `leave` is done on the loop's thread."""

    def __init__(self, coro: Coroutine[Any, Any, Any]) -> None:
        self.coro: Any = coro
        self.future: Future[Any] = Future()
        self.shared: _Shared | None = None
        self.task: asyncio.Task[Any] | None = None
        self.failure: BaseException | None = None

    def begin(self) -> None:
        """Makes it a task."""
        coro, self.coro = self.coro, None
        if coro is None:
            return
        if self.future.cancelled():
            coro.close()
            self.settle(None)
            return
        _owner.set(self)
        try:
            self.task = asyncio.get_running_loop().create_task(coro)
        except BaseException as error:  # noqa: BLE001  (a task factory's, or the task's if it has begun at once)
            coro.close()
            self.settle(error)
            return
        self.task.add_done_callback(self.finish)

    def finish(self, task: asyncio.Task[Any]) -> None:
        """The task is done."""
        if self.failure is not None:
            self.settle(self.failure)
        elif task.cancelled():
            self.future.cancel()
            self.settle(None)
        elif (error := task.exception()) is not None:
            self.settle(error)
        else:
            self.settle(None, task.result())

    def end_with(self, error: BaseException) -> None:
        """Another task or a callback that is part of it ends the program: as with `asyncio.run` the coroutine is
        cancelled, and the caller raises that.
        """
        self.failure = error
        self.cancel()

    def cancel(self) -> None:
        self.begin()  # if Ctrl-C came before it was submitted
        if self.task is not None:
            self.task.cancel()

    def settle(self, error: BaseException | None, value: Any = None) -> None:
        """Tells the caller what came of it. Where that has left, an error goes to the loop, or to main."""
        shared = cast(_Shared, self.shared)
        if shared.is_forked():
            carriers.end_forked_child(error)
        self.shared = self.task = self.failure = None
        if not self.future.set_running_or_notify_cancel():
            if error is not None:
                shared.report(error, "exception in a coroutine whose caller was interrupted")
        elif error is not None:
            self.future.set_exception(error)
        else:
            self.future.set_result(value)
        shared.rests = False
        shared.jobs.discard(self)
        if not shared.jobs:
            wakeup.thread_rests()

    def leave(self) -> None:
        """The caller does not wait any more: cancels the task, unless it is done."""
        shared = self.shared
        if self.future.cancel() and (shared is None or not _call(shared.loop, self.cancel)) and self.coro is not None:
            self.coro.close()


class _Shared(threading.Thread):
    """The loop of `run`, and its thread.

    A coroutine that stops the loop, or raises `SystemExit` or `KeyboardInterrupt`, ends `run_forever`: that is called
    again, and all others on it go on. Where the loop is closed, or fails itself, it is `gone`: who waits for a job on
    it is told so, and the next `run` makes another. Who adds to `jobs` looks at `gone` afterwards, and who sets that
    empties `jobs` afterwards, so nobody waits for ever. `rests` is the loop's thread's: nothing is left to do.
    """

    def __init__(self) -> None:
        super().__init__(name="gofer-asyncio", daemon=True)
        self.loop = asyncio.new_event_loop()
        self.jobs: set[_Job] = set()
        self.gone = False
        self.asked = False
        self.rests = False
        self.process = os.getpid()

    @property
    def gofer_helper(self) -> bool:
        """The deadlock detector asks: this is no live thread while it has nothing to do. That is found out on the loop,
        which tells the detector then.
        """
        if self.jobs:
            return False
        if not (self.rests or self.asked):
            self.asked = True
            _call(self.loop, self.look)
        return self.rests

    def look(self, over: object = None) -> None:
        """True if there is nothing to do: no job, and nothing that one has left behind. Looks again when a task is done
        or a timer was due. (Of a loop that is not Python's own only the tasks are known.)
        """
        loop: Any = self.loop
        tasks = asyncio.all_tasks()
        timers = [timer for timer in getattr(loop, "_scheduled", ()) if not timer.cancelled()]
        selector = getattr(loop, "_selector", None)
        if self.jobs:
            self.asked = False
        elif tasks:
            tasks.pop().add_done_callback(self.look)
        elif timers:
            loop.call_at(timers[0].when(), loop.call_soon, self.look)
        elif getattr(loop, "_ready", ()):
            loop.call_soon(self.look)
        else:
            self.asked = False
            self.rests = selector is None or len(selector.get_map()) < 2  # one file is the loop's own
            if self.rests:
                wakeup.thread_rests()

    def submit(self, job: _Job) -> bool:
        """Has the loop begin with a job; false where it is gone. From any thread."""
        job.shared = self
        self.jobs.add(job)
        if not self.gone and _call(self.loop, job.begin):
            return True
        self.gone = True
        try:
            self.jobs.remove(job)
        except KeyError:
            return True  # whoever found it has told its caller
        return False

    def run(self) -> None:
        """The thread's life."""
        try:
            while not (self.gone or self.loop.is_closed()):
                try:
                    self.loop.run_forever()
                except (SystemExit, KeyboardInterrupt) as error:
                    if self.is_forked():
                        raise
                    self.pass_on(error)
            self.lose(None)
        except BaseException as error:
            if self.is_forked() or not self.lose(error):
                raise

    def is_forked(self) -> bool:
        """True if this is the child of a fork in a coroutine: nobody waits for that here."""
        return os.getpid() != self.process

    def pass_on(self, error: BaseException) -> None:
        """A task or callback has ended `run_forever`: tells the caller whose job it is part of, or else main."""
        for job in self.jobs.copy():
            task = job.task
            if task is not None and task.done() and not task.cancelled() and task.exception() is error:
                return  # `finish` is about to be called
        owner = _owner_of(error)
        if owner is None or owner.shared is not self:
            self.report(error, "nobody waits for what has raised this")
        else:
            owner.end_with(error)

    def report(self, error: BaseException, message: str) -> None:
        """Nobody waits for this: what ends the program goes to the main goroutine, all else is the loop's."""
        main = scheduler.shared().main_goroutine()
        if main is not None and isinstance(error, (SystemExit, KeyboardInterrupt)):
            interrupts.exit_program(error)
        else:
            self.loop.call_exception_handler({"message": message, "exception": error})

    def lose(self, failure: BaseException | None) -> bool:
        """The loop is gone: tells all who wait for a job on it; whether anybody did."""
        self.gone = True
        told = False
        try:
            self.loop.close()
        finally:
            while self.jobs:
                try:
                    job = self.jobs.pop()
                except KeyError:
                    break  # who had added it has taken it out again
                error = RuntimeError("aio.run: the asyncio loop that all calls share was closed")
                error.__cause__ = failure
                if job.coro is not None:
                    job.coro.close()
                job.settle(error)
                told = True
        return told


def _owner_of(error: BaseException) -> _Job | None:
    """Whose job has raised this, by the context of the callback; None where the loop is not Python's own."""
    at = error.__traceback__
    while at is not None:
        handle: Any = at.tb_frame.f_locals.get("self")
        if isinstance(handle, asyncio.Handle):
            context: Any = handle._context  # type: ignore[attr-defined]
            return cast("_Job | None", context.get(_owner))
        at = at.tb_next
    return None


def _submit(job: _Job) -> None:
    """Has the shared loop begin with a job; makes a loop where there is none, or that is gone."""
    global _shared
    while True:
        found = _shared
        if found is not None and found.is_alive() and found.submit(job):
            return
        made = _Shared()
        made.start()  # before others see it: Ctrl-C must not leave one behind that never starts
        with _gate:
            if _shared is found:
                _shared = made
        if _shared is not made:
            made.gone = True
            _call(made.loop, made.loop.stop)


def run(coro: Coroutine[Any, Any, _T], /) -> _T:
    """Parks the goroutine until a coroutine is done, which runs as a task on a loop that all calls share.

    Returns what it returns and raises what it raises, `SystemExit` too; it sees the caller's `contextvars`. Where
    another task or a callback that it has started raises `SystemExit`, the coroutine is cancelled and the caller raises
    that, as with `asyncio.run`. What it leaves on the loop when it is done goes on there. Where the goroutine is
    interrupted the task is cancelled. In a foreign thread it blocks that. Raises RuntimeError where a loop runs in this
    thread (await the coroutine instead) and when the loop is closed meanwhile, TypeError for what is no coroutine. No
    twin in Go.

    >>> import asyncio
    >>> run(asyncio.sleep(0, "hey"))
    'hey'
    """
    if not asyncio.iscoroutine(coro):
        raise TypeError(f"aio.run: a coroutine is needed, not {type(coro).__name__}")
    if scheduler.in_loop():
        coro.close()
        raise RuntimeError("aio.run was called where an asyncio loop runs: await the coroutine instead")
    job = _Job(coro)
    try:
        _submit(job)
        return cast(_T, wait(job.future))
    except BaseException:
        job.leave()
        raise
    finally:
        del job  # the exception's traceback refers to this frame


def _reset_after_fork() -> None:
    global _gate, _shared
    _gate = RLock()
    _shared = None


_gate = RLock()  # a destructor may come in between
_shared: _Shared | None = None
os.register_at_fork(after_in_child=_reset_after_fork)
