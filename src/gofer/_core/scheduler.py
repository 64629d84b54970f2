"""The scheduler: which goroutine a thread runs next.

Each worker is one thread. A goroutine that gives up its thread (`park`, `yield_now`) switches straight to the next
runnable one of its worker, or to the worker's hub (see `hub`) where there is none. A goroutine that ends hands its
carrier to the next new one without any switch.

What holds:
- `worker.current` is the goroutine that runs on the worker's thread; none while the hub itself runs.
- a goroutine is woken only by who has claimed it, and runs again only on the worker it started on, after it has
  switched away: its worker picks it up between two goroutines.

The main thread becomes worker 0 when it first uses gofer, and what runs there then is goroutine 1. Other threads are
foreign unless `run` is called in them: they block on a lock of the operating system where a goroutine would park, and
what they start runs on a background worker, because the main thread may be anywhere.

Rejected: a switch to the hub for each wait (twice the cost of a switch); one run queue for all workers (started
goroutines cannot move).
"""

from __future__ import annotations

import os
import sys
import threading
from _thread import allocate_lock
from functools import partial
from typing import Any, NoReturn

from gofer._core import borrow, borrowed, goroutine, guard, reasons, switch, threads, wakeup
from gofer._core.borrow import Size
from gofer._core.goroutine import Carrier, Goroutine
from gofer._core.hooks import HOOKS
from gofer._core.runtime import RUNTIME, Runtime
from gofer._core.timers import TIMERS
from gofer._core.worker import Worker

_thread = threading.local()


def shared() -> Runtime:
    """The one runtime. (Compiled, the module's `RUNTIME` is seen by compiled code only.)"""
    return RUNTIME


def this_worker() -> Any:
    """The worker of this thread, borrowed, or NOTHING; for modules that have no `switch.worker` of their own."""
    return switch.worker()


def become(worker: Worker | None) -> None:
    """The calling thread is this worker's from now on; None: a foreign one."""
    if worker is not None:
        worker.cpu_clock = threads.own_clock()
    switch.set_worker(borrow.NOTHING if worker is None else borrow.of(worker))


def attach() -> Worker:
    """Makes the calling thread a worker, and what runs on it its main goroutine."""
    worker = Worker(len(RUNTIME.all_workers()), threading.current_thread(), RUNTIME.rng)
    main = goroutine.new_goroutine()
    main.id = 1
    main.reason = reasons.RUNNING
    carrier = Carrier()
    carrier.greenlet = switch.current()
    carrier.worker = borrow.of(worker)
    carrier.goroutine = borrow.of(main)
    borrow.hold(carrier)
    main.carrier = borrow.of(carrier)
    main.worker = borrow.of(worker)
    worker.main = main
    worker.registry.add(main)
    worker.hub = switch.new(partial(RUNTIME.hub, worker))
    worker.current = borrow.of(main)
    RUNTIME.enlist(worker)
    become(worker)
    if HOOKS.on:
        HOOKS.tool.begin(main)
    return worker


def current() -> Goroutine:
    """The goroutine that runs here; in a foreign thread, the thread's stand-in."""
    at = switch.worker()
    if at:
        worker: Worker = borrowed.worker(at)
        if worker.current:
            g: Goroutine = borrowed.goroutine(worker.current)
            return g
        return worker.hub_goroutine
    return adopt()


def adopt() -> Goroutine:
    """First use in a thread: the main thread becomes a worker, any other gets a stand-in; so does the main thread in a
    coroutine, because nothing would run on a worker while its thread is in an asyncio loop.
    """
    RUNTIME.admit()
    if threading.current_thread() is threading.main_thread() and not in_loop():
        main: Goroutine = attach().main
        return main
    g: Goroutine | None = getattr(_thread, "goroutine", None)
    if g is None:
        g = goroutine.new_goroutine()
        g.reason = reasons.RUNNING
        g.thread_lock = allocate_lock()
        g.thread_lock.acquire()
        g.thread = threading.current_thread()
        _thread.goroutine = g
    return g


def in_loop() -> bool:
    """Whether this thread runs an asyncio loop now."""
    asyncio: Any = sys.modules.get("asyncio.events")
    return asyncio is not None and asyncio._get_running_loop() is not None


def park(g: Goroutine, reason: Size, on: Any) -> bool:
    """The current goroutine gives up its thread until it is made ready.

    It has armed itself, and is where a waker will find it. True: it has been interrupted; it must take its waiter out
    of the queue and call `raise_pending`.
    """
    if not g.worker:
        return park_thread(g)
    worker: Worker = borrowed.worker(g.worker)
    g.reason = reason
    g.since = worker.now
    guard.lock(g.gate)
    g.waiting_on = on
    guard.unlock(g.gate)
    if not (guard.seen(g.interrupted) and g.claim()):
        switch_away(worker)
    guard.lock(g.gate)
    g.waiting_on = borrow.NOTHING
    guard.unlock(g.gate)
    g.reason = reasons.RUNNING
    return guard.seen(g.interrupted) and guard.take(g.interrupted)


def park_thread(g: Goroutine) -> bool:
    """The same for a foreign thread; and for code that a signal or a destructor runs on a hub, which must not wait."""
    if g.thread_lock is None:
        if g.claim():
            g.pending = RuntimeError(
                "gofer: a signal handler or destructor that interrupts an idle worker must not block"
            )
            return True
        return False
    guard.lock(RUNTIME.gate)
    if g.reason != reasons.RUNNABLE:
        RUNTIME.parked_threads.add(g.thread)
    guard.unlock(RUNTIME.gate)
    wakeup.thread_rests()
    g.thread_lock.acquire()
    g.reason = reasons.RUNNING
    return False


def ready(g: Goroutine) -> None:
    """Makes a parked goroutine runnable; only for who has claimed it. From any thread."""
    if not g.worker:
        ready_thread(g)
        return
    worker: Worker = borrowed.worker(g.worker)
    g.reason = reasons.RUNNABLE
    if switch.worker() == g.worker:
        worker.push(g)
        if not worker.current:
            wakeup.ring(worker)
    else:
        worker.post(g)
        wakeup.ring(worker)


def ready_thread(g: Goroutine) -> None:
    if g.on_ready is not None:
        g.on_ready()
        return
    if g.thread_lock is None:
        return
    guard.lock(RUNTIME.gate)
    g.reason = reasons.RUNNABLE  # a thread that is about to wake is not parked any more, even if it has not begun to
    RUNTIME.parked_threads.discard(g.thread)
    guard.unlock(RUNTIME.gate)
    g.thread_lock.release()


def yield_now() -> None:
    """Lets the others that are runnable run first."""
    g = current()
    if not g.worker:
        os.sched_yield()
        return
    worker: Worker = borrowed.worker(g.worker)
    g.reason = reasons.RUNNABLE
    worker.push(g)
    switch_away(worker)
    g.reason = reasons.RUNNING
    if guard.seen(g.interrupted) and guard.take(g.interrupted):
        raise_pending(g)


def raise_pending(g: Goroutine) -> NoReturn:
    """Raises what interrupted the goroutine."""
    error = g.pending
    g.pending = None
    raise error


def interrupt(g: Goroutine, error: Any) -> None:
    """Has `g` raise `error` where it waits, or where it next does."""
    g.pending = error
    guard.raise_flag(g.interrupted)
    if g.claim():
        ready(g)


def switch_away(worker: Worker) -> None:
    """From the current goroutine to the next; returns when the current one runs again."""
    if worker.ticks >= worker.look_at:
        look_up(worker)
    leaving = worker.current
    if worker.pick() and worker.current == leaving:
        return
    switch.to(next_target(worker))


def look_up(worker: Worker) -> None:
    """Every 64 goroutines: what else there is than to run them."""
    worker.look_at = worker.ticks + 64
    worker.now = TIMERS.now()
    if TIMERS.earliest <= worker.now:
        TIMERS.fire_due()
    switch.safe_point()


def next_target(worker: Worker) -> Any:
    """The greenlet that runs `worker.current`: its carrier's, an idle carrier's, or else the hub."""
    if not worker.current:
        return worker.hub
    g: Goroutine = borrowed.goroutine(worker.current)
    if g.carrier:
        carrier: Carrier = borrowed.carrier(g.carrier)
        return carrier.greenlet
    if worker.idle:
        carrier = borrowed.carrier(worker.idle)
        worker.idle = carrier.next
        worker.idle_count -= 1
        return carrier.greenlet
    return worker.hub


switch.load()
switch.keep_chunks()
