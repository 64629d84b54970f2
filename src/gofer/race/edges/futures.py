"""The happens-before edges of `concurrent.futures` and between `asyncio` and threads."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
import weakref
from typing import Any

from gofer._core.sched import scheduler
from gofer.race.edges.threads import acquire, after, after_any, before, replace
from gofer.race.effects import library
from gofer.race.engine import detector


def submitting(original: Any) -> Any:
    """A task is an actor of its own: two tasks that happen to share a thread of the pool are not ordered by that."""

    def submit(self: Any, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        if isinstance(self, getattr(concurrent.futures, "InterpreterPoolExecutor", ())):
            return original(self, fn, *args, **kwargs)  # in another interpreter, which shares nothing
        actor = detector.Actor("thread", "", detector.start_here())

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
    actor.name, actor.thread = thread.name, weakref.ref(thread)
    g.local = actor


def calling_back(original: Any) -> Any:
    """`add_done_callback`: what came before it, and the future's completion, come before the callback.

    The one by which `asyncio` hands a result on to its loop runs as an actor of its own where it can: it is called at
    once if the future is done already, and that must not order the caller.
    """

    def add_done_callback(self: Any, fn: Any) -> None:
        clock = detector.snapshot_of(detector.current())

        def callback(future: Any) -> Any:
            detector.acquire_into(detector.current(), clock)
            acquire(future)
            return fn(future)

        def handed_on(future: Any) -> Any:
            own = scheduler.current()
            if asyncio._get_running_loop() is not None and "_get_running_loop" in fn.__code__.co_names:
                return callback(future)  # it does not go by way of the loop, whoever awaits the result may not either
            before, own.local = detector.current(), detector.Actor("thread", "", None)
            try:
                return callback(future)
            finally:
                detector.end_actor(own.local)
                own.local = before

        original(self, handed_on if getattr(fn, "__module__", "") == "asyncio.futures" else callback)

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
    future = concurrent.futures.Future
    replace(future, "set_result", before)
    replace(future, "set_exception", before)
    replace(future, "cancel", before)
    replace(future, "add_done_callback", calling_back)
    replace(future, "result", after_any)
    replace(future, "exception", after_any)
    replace(future, "done", after)
    replace(future, "cancelled", after)
    replace(concurrent.futures, "wait", waiting)
    replace(concurrent.futures, "as_completed", completing)
    replace(concurrent.futures.ThreadPoolExecutor, "submit", submitting)
    replace(asyncio.BaseEventLoop, "call_soon_threadsafe", calling_soon)
