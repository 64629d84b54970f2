"""Calls that would block the thread, on helper threads.

Helpers are daemon threads. One that is idle is used again, the last one first; after `IDLE_SECONDS` without a call it
ends. There are `MAX_HELPERS` at most: further calls wait for one of them, first come first served.

A helper is foreign to the scheduler. Its thread's `gofer_helper` is false while it has a call, from before the caller
parks, so that the deadlock detector sees a thread alive (or blocked in gofer, where the call uses channels); it is true
again only after the caller has been made ready.

There is no lock: a list's `append`, `pop` and `remove` are atomic, and who finds no idle helper looks again after it
has queued its call, as a helper looks again for calls after it has said that it is idle.
"""

from __future__ import annotations

import contextvars
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar, cast

from gofer._core.machine import guard, reasons
from gofer._core.machine.hooks import HOOKS
from gofer._core.outside import latch
from gofer._core.outside.latch import Latch
from gofer._core.sched import carriers, scheduler, threads, wakeup

MAX_HELPERS = 512
IDLE_SECONDS = 10.0

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Call:
    """One call and what came of it."""

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.fn = fn
        self.args = args
        self.kwargs = kwargs
        self.context = contextvars.copy_context()
        self.caller: Any = None
        if HOOKS.on:
            HOOKS.snapshot()  # from now on the caller is known to the detector
            self.caller = scheduler.current()
        self.forks = scheduler.shared().forks
        self.latch = Latch()
        self.value: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """On the helper: makes the call, and wakes who waits for it."""
        try:
            with acting_for(self.caller):
                self.value = self.context.run(self.fn, *self.args, **self.kwargs)
        except BaseException as error:
            self.error = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
        carriers.end_if_forked(self.forks, self.error)
        self.caller = None
        self.latch.open()


@contextmanager
def acting_for(caller: Any) -> Iterator[None]:
    """To the race detector, the helper is the goroutine that waits for it."""
    if caller is None:
        yield
        return
    helper = scheduler.current()
    helper.local, own = caller.local, helper.local
    try:
        yield
    finally:
        helper.local = own


class Helper:
    """A thread that makes calls; `bell` is released when it has been given one."""

    def __init__(self, pool: Pool, call: Call, number: int) -> None:
        self.pool = pool
        self.call: Call | None = call
        self.bell = threading.Lock()
        self.bell.acquire()
        self.thread = threading.Thread(target=self.serve, name=f"gofer-blocking-{number}", daemon=True)
        self.set_idle(False)

    def set_idle(self, idle: bool) -> None:
        """Tells the deadlock detector whether this thread counts."""
        self.thread.__dict__["gofer_helper"] = idle

    def serve(self) -> None:
        """The thread's life."""
        while True:
            self.make_calls()
            if not self.bell.acquire(timeout=IDLE_SECONDS):
                if self.pool.withdraw(self):
                    guard.add(self.pool.count, -1)
                    return
                self.bell.acquire()

    def make_calls(self) -> None:
        """Its own, and then all that are queued; after which it is among the idle ones."""
        call, self.call = self.call, None
        while call is not None:
            call.run()
            call = self.pool.next_queued()
            while call is None:
                self.set_idle(True)
                self.pool.idle.append(self)
                wakeup.thread_rests()
                if not self.pool.queued or not self.pool.withdraw(self):
                    return
                self.set_idle(False)
                call = self.pool.next_queued()


class Pool:
    """All helpers of the process."""

    def __init__(self) -> None:
        self.idle: list[Helper] = []
        self.queued: deque[Call] = deque()
        self.count = guard.counter(0)

    def submit(self, call: Call) -> None:
        """Gives the call to an idle helper, to a new one, or to the first that will have time."""
        if self.give(call) or self.start_helper(call):
            return
        self.queued.append(call)
        while self.queued and self.idle:
            waiting = self.next_queued()
            if waiting is None or self.give(waiting):
                return
            self.queued.appendleft(waiting)

    def give(self, call: Call) -> bool:
        """To an idle helper, if there is one."""
        try:
            helper = self.idle.pop()
        except IndexError:
            return False
        helper.set_idle(False)
        helper.call = call
        helper.bell.release()
        return True

    def start_helper(self, call: Call) -> bool:
        """False where there are enough of them, or the system allows no more threads."""
        number = guard.add(self.count, 1)
        if number > MAX_HELPERS:
            guard.add(self.count, -1)
            return False
        try:
            threads.start(Helper(self, call, number).thread)
        except RuntimeError as error:
            if guard.add(self.count, -1) == 0:
                threads.stay_if_late(error)
                raise
            return False
        return True

    def next_queued(self) -> Call | None:
        """The call that has waited longest."""
        try:
            return self.queued.popleft()
        except IndexError:
            return None

    def withdraw(self, helper: Helper) -> bool:
        """Takes a helper out of the idle ones; false where it is being given a call."""
        try:
            self.idle.remove(helper)
        except ValueError:
            return False
        return True


def blocking(fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Runs a call that would block the thread on a helper thread, and parks the goroutine meanwhile.

    Returns what `fn` returns and raises what it raises. `fn` sees the caller's `contextvars`; what it sets there stays
    there. Inside it gofer's operations block the helper, as in any thread. Where the caller is no goroutine the call is
    made in its own thread. At most 512 calls are under way at once, others wait for their turn; a helper without a call
    ends after 10 seconds. When the main goroutine ends, calls under way are not waited for.

    The call happens before `fn` begins, and its end before `blocking` returns. Raises TypeError when `fn` cannot be
    called. A goroutine that is interrupted while it waits (Ctrl-C) goes on; the call does too, and its result is lost.

    >>> blocking(sum, [1, 2, 3])
    6
    """
    if not callable(fn):
        raise TypeError(f"blocking: {fn!r} is not callable")
    if not latch.in_goroutine():
        return contextvars.copy_context().run(fn, *args, **kwargs)
    call = Call(fn, args, kwargs)
    POOL.submit(call)
    call.latch.wait(reasons.BLOCKING_CALL, fn, latch.NO_TIMEOUT)
    if call.error is None:
        return cast(_T, call.value)
    try:
        raise call.error
    finally:
        del call  # the exception's traceback refers to this frame


def reset_after_fork() -> None:
    """The child has none of the threads."""
    POOL.__init__()  # type: ignore[misc]


POOL = Pool()
os.register_at_fork(after_in_child=reset_after_fork)
