"""`gofer.Executor` and its futures.

A task is one goroutine, started with the context of who submitted it. Tasks above the limit wait in `queued`; a task
that ends starts the next. `gate` is held for a few instructions that never park.

The futures are `concurrent.futures.Future`s whose `result` and `exception` park. `concurrent.futures.wait` and
`as_completed` block on a `threading.Event` that they put, inside a waiter, into each future's `_waiters`; the futures
here exchange it for one on which a goroutine parks (they hold all the futures' locks then, so nobody has set it yet).
"""

from __future__ import annotations

import concurrent.futures
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from gofer._core.machine import reasons
from gofer._core.machine.errors import FatalError, Goexit
from gofer._core.machine.hooks import HOOKS
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.outside import futures, latch
from gofer._core.outside.futures import Opener
from gofer._core.outside.latch import Latch
from gofer._core.sched import carriers, scheduler, spawn
from gofer._core.sync.waitgroup import WaitGroup

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Event:
    """What `threading.Event` is to threads, for goroutines and threads: `wait` parks a goroutine."""

    def __init__(self) -> None:
        self.gate = threading.Lock()
        self.flag = False
        self.latches: list[Latch | _ThreadLatch] = []

    def is_set(self) -> bool:
        """True if it is set."""
        return self.flag

    def set(self) -> None:
        """Releases all who wait."""
        with self.gate:
            self.flag = True
            waiting, self.latches = self.latches, []
        for each in waiting:
            each.open()

    def clear(self) -> None:
        """Unsets it."""
        self.flag = False

    def wait(self, timeout: float | None = None) -> bool:
        """Until it is set; false when `timeout` seconds have passed first."""
        if timeout is not None and not latch.in_goroutine():
            return self.wait_in_thread(timeout)
        mine = Latch()
        with self.gate:
            if self.flag:
                return True
            self.latches.append(mine)
        opened: bool = mine.wait(reasons.FUTURE, self, futures.seconds_of(timeout))
        with self.gate:
            if mine in self.latches:
                self.latches.remove(mine)
        return opened or self.flag

    def wait_in_thread(self, timeout: float) -> bool:
        """With a time limit in a foreign thread: there timers need not be fired by anybody."""
        mine = _ThreadLatch()
        with self.gate:
            if self.flag:
                return True
            self.latches.append(mine)
        opened = mine.event.wait(max(timeout, 0.0))
        with self.gate:
            if mine in self.latches:
                self.latches.remove(mine)
        return opened or self.flag


class _ThreadLatch:
    """A latch on which a foreign thread waits with a limit."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.open = self.event.set


class Waiters(list[Any]):
    """A future's waiters; one that is added gets an event on which goroutines park."""

    def append(self, waiter: Any) -> None:
        """As `list.append`."""
        if isinstance(getattr(waiter, "event", None), threading.Event):
            waiter.event = Event()
        super().append(waiter)


class Future(concurrent.futures.Future[_T]):
    """The future of a task that is a goroutine: `result` and `exception` park when they are called in a goroutine.

    The task's end happens before they return.
    """

    completed_by_goroutine = True

    def __init__(self) -> None:
        super().__init__()
        self._waiters: list[Any] = Waiters()
        self._clock: Any = None

    def add_opener(self, opener: Opener) -> None:
        """Has a latch opened when it is done, before the callbacks of `add_done_callback` are called."""
        condition: Any = self._condition
        with condition:
            if not self.done():
                self._done_callbacks.insert(0, opener)  # type: ignore[attr-defined]
                return
        opener(self)

    def set_result(self, result: _T) -> None:
        """As `concurrent.futures.Future.set_result`."""
        if HOOKS.on:
            self._clock = HOOKS.snapshot()
        super().set_result(result)

    def set_exception(self, exception: BaseException | None) -> None:
        """As `concurrent.futures.Future.set_exception`."""
        if HOOKS.on:
            self._clock = HOOKS.snapshot()
        super().set_exception(exception)

    def result(self, timeout: float | None = None) -> _T:
        """What the task returned or raised; TimeoutError after `timeout` seconds, `CancelledError` once cancelled."""
        try:
            return super().result(self._wait(timeout))
        finally:
            del self  # the exception's traceback refers to this frame

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """What the task raised, or None; TimeoutError after `timeout` seconds, `CancelledError` once cancelled."""
        return super().exception(self._wait(timeout))

    def done(self) -> bool:
        """True if it has a result, an exception, or was cancelled. Never blocks."""
        HOOKS.step()
        return super().done()

    def _wait(self, timeout: float | None) -> float | None:
        """Parks until it is done; for how long the caller has still to block its thread."""
        if not self.done():
            if timeout is not None and not latch.in_goroutine():
                return timeout
            futures.park_until_done(self, futures.seconds_of(timeout))
        if HOOKS.on:
            HOOKS.acquire(self._clock)
        return 0


class Task:
    """A call that has been submitted."""

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.future: Future[Any] = Future()
        self.fn: Any = fn
        self.args: Any = args
        self.kwargs: Any = kwargs
        self.context = contextvars.copy_context()

    def run(self) -> None:
        """Makes the call, unless it has been cancelled. Keeps nothing: an idle carrier may keep the task."""
        future, fn, args, kwargs = self.future, self.fn, self.args, self.kwargs
        del self.future, self.fn, self.args, self.kwargs, self.context
        if not future.set_running_or_notify_cancel():
            return
        forks = scheduler.shared().forks
        try:
            result = fn(*args, **kwargs)
        except FatalError:
            raise
        except BaseException as error:
            carriers.end_if_forked(forks, error)
            if isinstance(error, Goexit):
                error = RuntimeError("the task called runtime.goexit")
            future.set_exception(error.with_traceback(error.__traceback__ and error.__traceback__.tb_next))
            del future  # the exception's traceback refers to this frame
        else:
            carriers.end_if_forked(forks, None)
            future.set_result(result)


class Executor(Uncopyable, concurrent.futures.Executor):
    """A `concurrent.futures.Executor` whose tasks are goroutines. As a context manager it shuts down when left.

    `limit` is how many tasks may have begun and not ended; further ones wait for their turn, in the order in which they
    came. None: no limit. The futures' `result` and `exception`, and `concurrent.futures.wait` and `as_completed` of
    them, park when they are called in a goroutine; so does `shutdown`. A task sees the `contextvars` of its submitter.

    `submit` happens before the task begins, its end before the future's `result` returns. A task's exception is kept in
    its future, only a `FatalError` ends the program. As in Go, the end of the main goroutine does not wait for tasks.

    Raises ValueError for a limit below 1.

    >>> with Executor() as executor:
    ...     list(executor.map(pow, [1, 2, 3], [2, 2, 2]))
    [1, 4, 9]
    """

    def __init__(self, limit: int | None = None) -> None:
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
            raise TypeError(f"Executor: limit is a whole number or None, not {type(limit).__name__}")
        if limit is not None and limit < 1:
            raise ValueError(f"Executor: limit must be at least 1, not {limit}")
        self._limit = limit
        self._gate = threading.Lock()
        self._queued: deque[Task] = deque()
        self._begun: set[Future[Any]] = set()
        self._running = 0
        self._shut = False
        self._all = WaitGroup()

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Schedules `fn(*args, **kwargs)`; never blocks. RuntimeError after `shutdown`, TypeError for no callable."""
        if not callable(fn):
            raise TypeError(f"Executor.submit: {fn!r} is not callable")
        task = Task(fn, args, kwargs)
        future = task.future
        with self._gate:
            if self._shut:
                raise RuntimeError("cannot schedule new futures after shutdown")
            self._all.add(1)
            starts = self._limit is None or self._running < self._limit
            if starts:
                self._running += 1
                self._begun.add(future)
            else:
                self._queued.append(task)
        if starts:
            self._start(task)
        return future

    def _start(self, task: Task) -> None:
        task.context.run(spawn.go, self._carry_out, (task,), None)

    def _carry_out(self, task: Task) -> None:
        """The task's goroutine."""
        future = task.future
        task.run()
        del task
        following = None
        with self._gate:
            self._begun.discard(future)
            if self._queued:
                following = self._queued.popleft()
                self._begun.add(following.future)
            else:
                self._running -= 1
        del future
        if following is not None:
            self._start(following)
        self._all.done()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """No more tasks are accepted; with `wait`, parks until all have ended.

        With `cancel_futures` those that have not begun are cancelled.
        """
        with self._gate:
            self._shut = True
            pending = [*self._begun, *(task.future for task in self._queued)] if cancel_futures else []
        for future in pending:
            future.cancel()
        if wait:
            self._all.wait()


Executor.__module__ = "gofer"
