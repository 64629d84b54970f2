"""The happens-before edges of `threading`, `queue` and `concurrent.futures`, put in by wrapping their operations.

Locks made by the standard library for itself are left alone: `Queue.mutex` would order every `put` with every `get`.
"""

from __future__ import annotations

import asyncio
import collections
import concurrent.futures
import functools
import queue
import sys
import threading
from collections.abc import Callable
from typing import Any

from gofer._core import scheduler
from gofer.race import detector, library

CLOCK = "_gofer_race_clock"
INTERNAL = {"threading", "queue", "logging", "concurrent.futures._base", "concurrent.futures.thread", "subprocess"}
_undo: list[tuple[Any, str, Any]] = []


def release(target: Any) -> None:
    """The running actor's past goes into the clock of the object; nothing for a thread that is just starting."""
    if threading.get_ident() not in threading._active:  # type: ignore[attr-defined]
        return
    clock = detector.snapshot_of(detector.current())
    target.__dict__[CLOCK] = detector.join(target.__dict__.get(CLOCK), clock)


def acquire(target: Any) -> None:
    """What was released into the object's clock happened before what the running actor does next."""
    if threading.get_ident() not in threading._active:  # type: ignore[attr-defined]
        return
    detector.acquire_into(detector.current(), target.__dict__.get(CLOCK))


class Lock:
    """A `threading.Lock` that orders: an unlock happens before the next lock."""

    factory: Callable[[], Any] = threading.Lock

    def __init__(self) -> None:
        self._raw = type(self).factory()
        self._clock: Any = None

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        taken: bool = self._raw.acquire(blocking, timeout)
        if taken:
            detector.acquire_into(detector.current(), self._clock)
        return taken

    def release(self) -> None:
        self._clock = detector.snapshot_of(detector.current())
        self._raw.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *exc: object) -> None:
        self.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_raw"), name)

    def __repr__(self) -> str:
        return repr(self._raw)


class RLock(Lock):
    """A `threading.RLock` that orders."""

    factory = threading.RLock

    def _release_save(self) -> Any:
        self._clock = detector.snapshot_of(detector.current())
        return self._raw._release_save()

    def _acquire_restore(self, state: Any) -> None:
        self._raw._acquire_restore(state)
        detector.acquire_into(detector.current(), self._clock)


def made_for_programs(kind: type[Lock], factory: Callable[[], Any]) -> Callable[[], Any]:
    """A factory that gives the standard library's own modules the plain lock."""

    def make() -> Any:
        frame = sys._getframe(1)
        if frame.f_code is threading.Condition.__init__.__code__ and frame.f_back is not None:
            frame = frame.f_back
        if frame.f_globals.get("__name__") in INTERNAL:
            return factory()
        return kind()

    return make


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    original = owner.__dict__[name] if isinstance(owner, type) else getattr(owner, name)
    _undo.append((owner, name, original))
    wrapper = make(original)
    setattr(owner, name, wrapper if isinstance(wrapper, type) else functools.wraps(original)(wrapper))


def before(original: Any) -> Any:
    """The operation releases."""

    def operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        release(self)
        return original(self, *args, **kwargs)

    return operation


def after(original: Any) -> Any:
    """The operation acquires where it returns a true value."""

    def operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        if result:
            acquire(self)
        return result

    return operation


def after_any(original: Any) -> Any:
    """The operation acquires, whatever it returns or raises."""

    def operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        finally:
            acquire(self)

    return operation


def both(original: Any) -> Any:
    """The operation releases when it begins and acquires when it returns."""
    return after_any(before(original))


def starting(original: Any) -> Any:
    """`Thread.start`; the new thread's actor is set when its `run` begins, which subclasses override."""

    def start(self: Any) -> None:
        actor = detector.Actor("thread", self.name, detector.current())
        own = self.__dict__.get("run")
        run = self.run
        if getattr(self, "_target", None) is not None:
            self._target = library.watched(self._target)

        def body() -> None:
            restore_run(self, own)
            actor.name = self.name
            scheduler.current().local = actor
            try:
                run()
            finally:
                last = detector.current()
                ended = detector.join(detector.snapshot_of(last), detector.snapshot_of(actor))
                self.__dict__["_gofer_race_end"] = detector.join(ended, self.__dict__.get("_gofer_race_tasks"))
                detector.end_actor(last)

        self.run = body
        try:
            original(self)
        except BaseException:
            restore_run(self, own)
            raise

    return start


def restore_run(thread: Any, own: Any) -> None:
    """The thread has its `run` as the program left it."""
    if own is None:
        thread.__dict__.pop("run", None)
    else:
        thread.run = own


def joining(original: Any) -> Any:
    def join(self: Any, timeout: float | None = None) -> None:
        original(self, timeout)
        if not self.is_alive():
            detector.acquire_into(detector.current(), self.__dict__.get("_gofer_race_end"))

    return join


def putting(original: Any) -> Any:
    def put(self: Any, item: Any, *args: Any, **kwargs: Any) -> None:
        waiting = self.__dict__.setdefault("_gofer_race_items", {})
        clocks = waiting.setdefault(id(item), collections.deque())
        clocks.append(detector.snapshot_of(detector.current()))
        original(self, item, *args, **kwargs)

    return put


def getting(original: Any) -> Any:
    def get(self: Any, *args: Any, **kwargs: Any) -> Any:
        item = original(self, *args, **kwargs)
        waiting = self.__dict__.get("_gofer_race_items", {})
        clocks = waiting.get(id(item))
        if clocks:
            detector.acquire_into(detector.current(), clocks.popleft())
            if not clocks:
                waiting.pop(id(item), None)
        return item

    return get


class SimpleQueue(queue._PySimpleQueue):  # type: ignore[name-defined, misc]
    """The Python form of `queue.SimpleQueue`, which can be watched."""


def submitting(original: Any) -> Any:
    """A task is an actor of its own: two tasks that happen to share a thread of the pool are not ordered by that."""

    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        actor = detector.Actor("thread", "", detector.current())

        def task(*inner: Any, **named: Any) -> Any:
            begin_task(actor)
            try:
                return library.watched(fn)(*inner, **named)
            finally:
                thread = threading.current_thread()
                ended = thread.__dict__.get("_gofer_race_tasks")
                thread.__dict__["_gofer_race_tasks"] = detector.join(ended, detector.snapshot_of(actor))

        return original(self, task, *args, **kwargs)

    return submit


def begin_task(actor: Any) -> None:
    """The thread of a pool goes on as the actor of a task; what set the thread up comes before every task."""
    thread = threading.current_thread()
    g = scheduler.current()
    base = thread.__dict__.get("_gofer_race_base")
    if base is None:
        base = thread.__dict__["_gofer_race_base"] = detector.snapshot_of(detector.current())
    elif g.local is not None:
        detector.end_actor(g.local)
    detector.acquire_into(actor, base)
    actor.name = thread.name
    g.local = actor


def calling_back(original: Any) -> Any:
    """`add_done_callback`: what came before it, and the future's completion, come before the callback."""

    def add_done_callback(self: Any, fn: Any) -> None:
        clock = detector.snapshot_of(detector.current())

        def callback(future: Any) -> Any:
            detector.acquire_into(detector.current(), clock)
            acquire(future)
            return fn(future)

        original(self, callback)

    return add_done_callback


def waiting(original: Any) -> Any:
    """`concurrent.futures.wait`."""

    def wait(*args: Any, **kwargs: Any) -> Any:
        result = original(*args, **kwargs)
        for future in result.done:
            acquire(future)
        return result

    return wait


def completing(original: Any) -> Any:
    """`concurrent.futures.as_completed`."""

    def as_completed(*args: Any, **kwargs: Any) -> Any:
        for future in original(*args, **kwargs):
            acquire(future)
            yield future

    return as_completed


def calling_soon(original: Any) -> Any:
    """`loop.call_soon_threadsafe`: what came before it comes before the callback."""

    def call_soon_threadsafe(self: Any, callback: Any, *args: Any, **kwargs: Any) -> Any:
        clock = detector.snapshot_of(detector.current())

        def run(*inner: Any) -> Any:
            detector.acquire_into(detector.current(), clock)
            return callback(*inner)

        return original(self, run, *args, **kwargs)

    return call_soon_threadsafe


def install() -> None:
    """Puts the edges in."""
    replace(threading, "Lock", lambda original: made_for_programs(Lock, original))
    replace(threading, "RLock", lambda original: made_for_programs(RLock, original))
    thread = threading.Thread
    replace(thread, "start", starting)
    replace(thread, "join", joining)
    replace(threading.Event, "set", before)
    replace(threading.Event, "wait", after)
    replace(threading.Event, "is_set", after)
    replace(threading.Condition, "notify", before)
    replace(threading.Condition, "wait", after)
    replace(threading.Barrier, "wait", both)
    replace(threading.Semaphore, "release", before)
    replace(threading.Semaphore, "acquire", after)
    threading.Semaphore.__enter__ = threading.Semaphore.acquire  # type: ignore[method-assign]
    replace(threading.BoundedSemaphore, "release", before)
    replace(queue.Queue, "put", putting)
    replace(queue.Queue, "get", getting)
    replace(queue._PySimpleQueue, "put", putting)  # type: ignore[attr-defined]
    replace(queue._PySimpleQueue, "get", getting)  # type: ignore[attr-defined]
    replace(queue, "SimpleQueue", lambda original: SimpleQueue)
    replace(queue.Queue, "task_done", before)
    replace(queue.Queue, "join", after_any)
    future = concurrent.futures.Future
    replace(future, "set_result", before)
    replace(future, "set_exception", before)
    replace(future, "add_done_callback", calling_back)
    replace(concurrent.futures, "wait", waiting)
    replace(concurrent.futures, "as_completed", completing)
    replace(asyncio.BaseEventLoop, "call_soon_threadsafe", calling_soon)
    replace(future, "result", after_any)
    replace(future, "exception", after_any)
    replace(future, "done", after)
    replace(concurrent.futures.ThreadPoolExecutor, "submit", submitting)
    replace(concurrent.futures.ThreadPoolExecutor, "shutdown", after_any)


def uninstall() -> None:
    """Takes the edges out."""
    while _undo:
        owner, name, original = _undo.pop()
        setattr(owner, name, original)
