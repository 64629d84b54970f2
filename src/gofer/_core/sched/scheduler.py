"""The scheduler: which goroutine a thread runs next.

Each worker is one thread. A goroutine that gives up its thread (`park`, `yield_now`) switches straight to the next
runnable one of its worker, or to the worker's hub (see `hub`) where there is none. A goroutine that ends hands its
carrier to the next new one without any switch.

What holds:
- `worker.current` is the goroutine that runs on the worker's thread; none while the hub itself runs.
- a goroutine is woken only by who has claimed it, and runs again only on the worker it started on, after it has
  switched away: its worker picks it up between two goroutines.
- what parks is the greenlet that runs, which may be one of the program's own (`leave_elsewhere`): that is the one that
  its carrier names meanwhile, and so the one that goes on.

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

from gofer._core.machine import borrow, guard, reasons, switch
from gofer._core.machine.borrow import Size
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import belongings, borrowed, goroutine, mail, owner, threads, wakeup
from gofer._core.sched.choice import CHOICE
from gofer._core.sched.goroutine import Carrier, Goroutine, Mailbox
from gofer._core.sched.runtime import RUNTIME, Runtime
from gofer._core.sched.timers import TIMERS
from gofer._core.sched.worker import Worker

_thread = threading.local()


def shared() -> Runtime:
    """The one runtime. (Compiled, the module's `RUNTIME` is seen by compiled code only.)"""
    return RUNTIME


def checks_guards() -> bool:
    """True if this core checks its rule for guards (see `guard`)."""
    return guard.CHECKED


def this_worker() -> Any:
    """The worker of this thread, borrowed, or NOTHING; for modules that have no `switch.worker` of their own."""
    return switch.worker()


def become(worker: Worker | None) -> None:
    """The calling thread is this worker's from now on; None: a foreign one."""
    if worker is not None:
        worker.ident = threading.get_ident()
        worker.cpu_clock = threads.own_clock()
        worker.thread_state = switch.thread()
    switch.set_worker(borrow.NOTHING if worker is None else borrow.of(worker))


def attach() -> Worker:
    """Makes the calling thread a worker, and what runs on it its main goroutine."""
    worker = Worker(len(RUNTIME.all_workers()), threading.current_thread(), CHOICE.decides)
    main = goroutine.new_goroutine()
    main.id = 1
    main.mailbox = Mailbox()
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
    note_belongings()
    if HOOKS.on:
        HOOKS.tool.begin(main)
    return worker


def current() -> Goroutine:
    """The goroutine that runs here; in a foreign thread, the thread's stand-in."""
    guard.apart()
    at = switch.worker()
    if at:
        worker: Worker = owner.worker(at)
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
        g.mailbox = Mailbox()
        _thread.goroutine = g
    return g


def in_loop() -> bool:
    """True if this thread runs an asyncio loop now."""
    asyncio: Any = sys.modules.get("asyncio.events")
    return asyncio is not None and asyncio._get_running_loop() is not None


def note_belongings() -> None:
    """The goroutine that runs has been given something that belongs to the thread, or has it no more."""
    at = switch.worker()
    if at:
        worker: Worker = owner.worker(at)
        if worker.current:
            g: Goroutine = borrowed.goroutine(worker.current)
            g.loops = belongings.has_any()
            g.frames = switch.NOWHERE  # so that `switch_away` looks


def park(g: Goroutine, reason: Size, on: Any) -> bool:
    """The current goroutine gives up its thread until it is made ready.

    It has armed itself, and is where a waker will find it. True: it has been interrupted, and nobody has served it; it
    must take its waiter out of the queue and call `raise_pending`. Who has been served and is interrupted before it
    runs again completes its operation (what it was given would be lost), and is interrupted where it waits next.
    """
    guard.outside()
    if not g.worker:
        return park_thread(g)
    worker: Worker = owner.worker(g.worker)
    g.reason = reason
    g.since = worker.now
    guard.lock(g.gate)
    g.waiting_on = on
    guard.unlock(g.gate)
    if guard.seen(g.interrupted) and mail.stops(g):
        g.torn = True
    else:
        switch_away(worker, g)
    guard.unpin()
    guard.lock(g.gate)
    g.waiting_on = borrow.NOTHING
    guard.unlock(g.gate)
    g.reason = reasons.RUNNING
    if g.torn:
        g.torn = False
        mail.receive(g)
        return True
    if worker.ticks >= worker.look_at and reason != reasons.SELECT:  # that is still in other queues
        look_up(worker)
    return False


def look_around(g: Goroutine) -> None:
    """What `park` leaves to a select, which does it when it is out of all queues."""
    if g.worker:
        worker: Worker = owner.worker(g.worker)
        if worker.ticks >= worker.look_at:
            look_up(worker)


def disarm(g: Goroutine) -> None:
    """The current goroutine has armed itself, but need not wait after all: it is in no queue."""
    guard.unpin()
    if not g.claim():
        absorb(g)


def absorb(g: Goroutine) -> None:
    """Somebody has interrupted a goroutine that had armed itself, and makes it runnable: it lets that happen, and is
    interrupted where it waits next.
    """
    worker: Worker = owner.worker(g.worker)
    guard.pin()
    switch_away(worker, g)
    guard.unpin()
    g.torn = False


def park_thread(g: Goroutine) -> bool:
    """The same for a foreign thread; and for code that a signal or a destructor runs on a hub, which must not wait."""
    if g.thread_lock is None:
        guard.unpin()
        if g.claim():
            mail.post(g, RuntimeError("gofer: a destructor that interrupts an idle worker must not block"))
            mail.receive(g)
            return True
        return False
    if guard.seen(g.interrupted) and mail.stops(g):
        guard.unpin()
        return True
    RUNTIME.mark_parked(g, id(g.thread), True)
    wakeup.thread_rests()
    guard.unpin()
    torn = block_thread(g)
    g.reason = reasons.RUNNING
    return torn


def block_thread(g: Goroutine) -> bool:
    """Blocks until it is woken; true where the handler of a signal has raised before anybody woke it. (Handlers run in
    the main thread, which is foreign while it is in an asyncio loop.) What has been raised after it was served is
    raised where it waits next.
    """
    own: Any = put_aside(g)
    while True:
        try:
            g.thread_lock.acquire()
        except BaseException as error:
            mail.post(g, error)
        else:
            g.own_waiter = own
            return False
        if g.claim():
            g.own_waiter = own
            RUNTIME.mark_parked(g, id(g.thread), False)
            mail.receive(g)
            return True


def ready(g: Goroutine) -> None:
    """Makes a parked goroutine runnable; only for who has claimed it. From any thread."""
    guard.outside()
    if not g.worker:
        ready_thread(g)
        return
    worker: Worker = owner.worker(g.worker)
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
        me = current()
        own: Any = put_aside(me)
        g.on_ready()
        me.own_waiter = own
        return
    if g.thread_lock is None:
        return
    RUNTIME.mark_parked(g, id(g.thread), False)
    g.thread_lock.release()


def yield_now() -> None:
    """Lets the others that are runnable run first."""
    g = current()
    if not g.worker:
        os.sched_yield()
        return
    worker: Worker = owner.worker(g.worker)
    if guard.seen(g.interrupted) and mail.receive(g):
        raise_pending(g)
    g.reason = reasons.RUNNABLE
    guard.pin()
    worker.push(g)
    switch_away(worker, g)
    guard.unpin()
    g.reason = reasons.RUNNING
    if worker.ticks >= worker.look_at:
        look_up(worker)
    if guard.seen(g.interrupted) and mail.receive(g):
        raise_pending(g)


def raise_pending(g: Goroutine) -> NoReturn:
    """Raises what interrupted the goroutine."""
    raise mail.open_letter(g)


def interrupt(g: Goroutine, error: Any) -> None:
    """Has `g` raise `error` where it waits, or where it next does."""
    mail.post(g, error)
    if g.claim():
        g.torn = True
        ready(g)


def switch_away(worker: Worker, g: Goroutine) -> None:
    """From the current goroutine, `g`, to the next; returns when it runs again. It is in wait queues, so nothing
    foreign may run here. What is thrown into it meanwhile is an interruption.
    """
    if switch.frames(worker.thread_state) != g.frames:
        leave_elsewhere(worker, g)
        return
    if worker.pick() and worker.current == borrow.of(g):
        return
    carrier: Carrier = borrowed.carrier(g.carrier)
    switch.thaw(carrier.greenlet)
    came = switch.to(next_target(worker))
    if came or worker.current != borrow.of(g):
        come_astray(worker, g, came)


def leave_elsewhere(worker: Worker, g: Goroutine) -> None:
    """`switch_away` where `g` does not run in its carrier's greenlet but in one that it has made, or has `belongings`;
    or where the carrier's first frames are not known yet.
    """
    carrier: Carrier = borrowed.carrier(g.carrier)
    here = switch.current()
    own = carrier.greenlet
    g.frames = switch.frames(worker.thread_state)
    if here is own and not g.loops:
        carrier.frames = g.frames
        switch_away(worker, g)
        return
    kept: Any = belongings.put_aside() if g.loops else None
    carrier.greenlet = here
    try:
        switch_away(worker, g)
    finally:
        guard.unpin()
        carrier.greenlet = own
        g.frames = carrier.frames if kept is None else switch.NOWHERE
        if kept is not None:
            belongings.put_back(kept)


def come_astray(worker: Worker, g: Goroutine, came: Any) -> None:
    """Control has come to `g` with something, or though another goroutine runs: a greenlet of the program's own has
    switched here by hand, or has ended, and this is its parent. Returns when it is `g` that runs.
    """
    switch.current()  # raises where greenlet has been finalized: nobody switches any more
    while True:
        error = switch.received(came)
        if isinstance(error, tuple):
            error = None
        if worker.current == borrow.of(g):
            if error is not None:
                mail.post(g, error)
            return
        if error is not None:
            interrupt(g, error)
            came = switch.to(next_target(worker))
        else:
            came = switch.give(next_target(worker), refusal(g))


def refusal(g: Goroutine) -> RuntimeError:
    """What who has given control to `g` by hand is told."""
    return RuntimeError(
        f"gofer: a greenlet was switched to in which goroutine {g.id} waits, or is the parent of one that has ended: "
        "only what it waits for can wake it"
    )


def send_back(worker: Worker, came: Any) -> None:
    """The same on a hub or an idle carrier, whose goroutine has ended: what has come goes back to who has given it.
    Returns when control is its own.
    """
    switch.current()
    while True:
        given = switch.received(came)
        if is_started(worker.current):
            came = switch.to(next_target(worker)) if given is None else switch.give(next_target(worker), given)
            continue
        main = RUNTIME.main_goroutine()
        if isinstance(given, BaseException) and main is not None:
            interrupt(main, given)
        return


def is_started(at: Any) -> bool:
    """True if this is a goroutine that has started; NOTHING is none."""
    if not at:
        return False
    g: Goroutine = borrowed.goroutine(at)
    return True if g.carrier else False


def look_up(worker: Worker) -> None:
    """Every 64 goroutines, as one that begins or has waited and is in no queue: what else there is to do."""
    worker.look_at = worker.ticks + 64
    worker.now = TIMERS.now()
    if TIMERS.earliest <= worker.now:
        g: Goroutine = borrowed.goroutine(worker.current)
        own: Any = put_aside(g)
        TIMERS.fire_due(worker.now)
        g.own_waiter = own
    switch.safe_point()


def put_aside(g: Goroutine) -> Any:
    """The goroutine's own waiter, which is in use or has a result that was not taken yet, while others may run on its
    stack: destructors, handlers, a visitor's callback. They get another one; the caller gives it back.
    """
    own = g.own_waiter
    g.own_waiter = None
    return own


def next_target(worker: Worker) -> Any:
    """The greenlet that runs `worker.current`: its carrier's, an idle carrier's, or else the hub. Borrowed: one of the
    program's own would else live on as long as who has switched there waits, and die in the middle of a switch.
    """
    if not worker.current:
        return borrow.of(worker.hub)
    g: Goroutine = borrowed.goroutine(worker.current)
    if g.carrier:
        carrier: Carrier = borrowed.carrier(g.carrier)
        return borrow.of(carrier.greenlet)
    if worker.idle:
        carrier = borrowed.carrier(worker.idle)
        worker.idle = carrier.next
        worker.idle_count -= 1
        return borrow.of(carrier.greenlet)
    return borrow.of(worker.hub)


switch.load()
switch.keep_chunks()
switch.show_frames()
