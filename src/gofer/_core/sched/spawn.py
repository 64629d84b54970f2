"""Starting goroutines: on the worker that calls, or on the background worker where the caller is no worker.

What a goroutine is told of who starts it is taken when `go` is called, or earlier, when something is started that it
ends (`Origin`): who notices that a timer is due is not who starts its function.

A new goroutine goes to the fresh lane of the worker that starts it, and one idle worker is woken to watch whether it
waits there too long (see `worker`, "What is stolen").
"""

from __future__ import annotations

import threading
from typing import Any

from gofer._core.machine import borrow, guard, switch
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import goroutine, owner, scheduler, wakeup
from gofer._core.sched.goroutine import Goroutine
from gofer._core.sched.monitor import MONITOR
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.timers import NEVER, TIMERS
from gofer._core.sched.worker import Worker


def create(fn: Any, args: tuple[Any, ...], kwargs: Any) -> Goroutine:
    """A goroutine that will call `fn(*args, **kwargs)`, and that no worker knows yet; `kwargs` may be None."""
    guard.apart()
    if RUNTIME.over:
        RUNTIME.refuse_late()
    parent = scheduler.current()
    g = goroutine.new_goroutine()
    g.fn = fn
    g.args = args
    g.kwargs = kwargs
    g.context = switch.copy_context()
    g.created_code = switch.caller_code()
    g.created_lasti = switch.caller_lasti()
    g.parent_id = parent.id
    g.id = guard.add(RUNTIME.ids, 1)
    if HOOKS.on:
        HOOKS.tool.fork(g)
    borrow.hide(g.context)
    if args:
        borrow.hide(args)
    if borrow.is_method(fn):
        borrow.hide(fn)
    return g


class Origin:
    """Who has started something that begins a goroutine later: a timer, or a function that waits for a context's end.
    Used once. `start` is what the race detector knows of it. `aside`: it is a foreign thread, or on the worker for what
    those start. Its function runs there as well: who notices that a timer is due may block its thread next.
    """

    def __init__(self) -> None:
        self.context: Any = None
        self.code: Any = None
        self.lasti = -1
        self.parent_id = 0
        self.aside = False
        self.start: Any = None


def origin() -> Origin:
    """The caller, at this moment."""
    parent = scheduler.current()
    made: Origin = Origin.__new__(Origin) if borrow.COMPILED else Origin()
    made.context = switch.copy_context()
    made.code = switch.caller_code()
    made.lasti = switch.caller_lasti()
    made.parent_id = parent.id
    made.aside = True
    if parent.worker:
        worker: Worker = owner.worker(parent.worker)
        made.aside = worker.permanent
    if HOOKS.on:
        made.start = HOOKS.tool.leave()
    return made


def go_from(origin: Origin, clock: Any, fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
    """As `go` by `origin` when it was made, and after what was released with `clock`; the caller has no part in it."""
    g = goroutine.new_goroutine()
    g.fn = fn
    g.args = args
    g.kwargs = kwargs
    g.context = origin.context
    g.created_code = origin.code
    g.created_lasti = origin.lasti
    g.parent_id = origin.parent_id
    g.id = guard.add(RUNTIME.ids, 1)
    if HOOKS.on and origin.start is not None:
        HOOKS.tool.fork_from(g, origin.start, clock)
    if origin.aside or scheduler.in_loop():
        inject(g)  # who noticed may wait in the loop for a long time
    else:
        launch(g)


def go(fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
    """Starts `fn(*args, **kwargs)` in a new goroutine."""
    launch(create(fn, args, kwargs))


def launch(g: Goroutine) -> None:
    """Has a new goroutine run, on this thread's worker or wherever there is room."""
    at = scheduler.this_worker()
    if at:
        worker: Worker = owner.worker(at)
        worker.registry.add(g)
        worker.push_fresh(g)
        if MONITOR.wanted:
            MONITOR.start()
        if not worker.current:
            wakeup.ring(worker)
        if RUNTIME.several and guard.seen(RUNTIME.watch_post):
            wakeup.wake_one()
    else:
        inject(g)


def go_elsewhere(fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
    """As `go`, from a thread in an asyncio loop: on a worker that runs, though this thread may be one that does not."""
    inject(create(fn, args, kwargs))


def go_main(fn: Any, args: tuple[Any, ...]) -> bool:
    """As `go`, but on the main thread, when that is next free; false where it is no worker."""
    for each in RUNTIME.all_workers():
        worker: Worker = each
        if worker.thread is threading.main_thread():
            g = create(fn, args, None)
            worker.registry.add(g)
            worker.post(g)  # not to the lane that others steal from
            wakeup.ring(worker)
            return True
    return False


def inject(g: Goroutine) -> None:
    """A foreign thread's goroutine goes to the background worker."""
    RUNTIME.registry.add(g)
    worker = RUNTIME.background()
    if MONITOR.wanted:
        MONITOR.start()
    worker.push_fresh(g)
    if (worker.closed or not wakeup.ring(worker)) and RUNTIME.several:
        wakeup.wake_one()


def lend() -> None:
    """This thread waits in an asyncio loop: if it is a worker's, another gets what has not started on it, and fires
    timers.
    """
    at = scheduler.this_worker()
    if not at:
        return
    worker: Worker = owner.worker(at)
    if worker.has_fresh() or TIMERS.earliest < NEVER:
        other = RUNTIME.background()
        worker.lend_to(other)
        wakeup.ring(other)
        if RUNTIME.several:
            wakeup.wake_one()
