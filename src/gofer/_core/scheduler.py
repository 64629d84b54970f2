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

from gofer._core import bell, borrow, borrowed, goroutine, guard, reasons, switch, threads
from gofer._core.borrow import Size
from gofer._core.errors import Goexit
from gofer._core.goroutine import Carrier, Goroutine, Registry
from gofer._core.hooks import HOOKS
from gofer._core.monitor import MONITOR
from gofer._core.runtime import RUNTIME, Runtime
from gofer._core.timers import TIMERS
from gofer._core.worker import Worker

IDLE_CARRIERS_KEPT = 1024
ANOTHER_RUN = "another gofer.run is active"

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


def create(fn: Any, args: tuple[Any, ...], kwargs: Any) -> Goroutine:
    """A goroutine that will call `fn(*args, **kwargs)`, and that no worker knows yet; `kwargs` may be None."""
    parent = current()
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


def go(fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
    """Starts `fn(*args, **kwargs)` in a new goroutine."""
    g = create(fn, args, kwargs)
    at = switch.worker()
    if not at:
        inject(g)
        return
    worker: Worker = borrowed.worker(at)
    worker.registry.add(g)
    worker.push_fresh(g)
    if MONITOR.wanted:
        MONITOR.start()
    if not worker.current:
        ring(worker)
    if RUNTIME.several and guard.seen(RUNTIME.watch_post):
        wake_one()


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
            ring(worker)
            return True
    return False


def lend() -> None:
    """This thread waits in an asyncio loop: if it is a worker's, another gets what has not started on it."""
    at = switch.worker()
    if not at:
        return
    worker: Worker = borrowed.worker(at)
    if worker.has_fresh():
        other = RUNTIME.background()
        worker.lend_to(other)
        ring(other)
        if RUNTIME.several:
            wake_one()


def inject(g: Goroutine) -> None:
    """A foreign thread's goroutine goes to the background worker."""
    RUNTIME.registry.add(g)
    worker = RUNTIME.background()
    if MONITOR.wanted:
        MONITOR.start()
    worker.push_fresh(g)
    if (worker.closed or not ring(worker)) and RUNTIME.several:
        wake_one()


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
    thread_rests()
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
            ring(worker)
    else:
        worker.post(g)
        ring(worker)


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


class Body:
    """What a carrier's greenlet calls. (A `partial` of a function took more C stack of each goroutine that waits.)"""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = borrow.of(carrier)

    def __call__(self) -> None:
        """Runs the worker's current goroutine, then the next new one, until there is none."""
        carrier: Carrier = borrowed.carrier(self.carrier)
        worker: Worker = borrowed.worker(carrier.worker)
        switch.begin_frames()
        while True:
            if run_current(worker, carrier):
                continue
            if worker.idle_count >= IDLE_CARRIERS_KEPT:
                break
            worker.rest(carrier)
            target = next_target(worker)
            if target is not carrier.greenlet:
                switch.to(target)
            if not worker.current:
                break  # the worker's thread ends
        borrow.drop(carrier)


def new_carrier(worker: Worker) -> Carrier:
    """A carrier that starts with `worker.current`; only the hub makes them."""
    carrier: Carrier = Carrier.__new__(Carrier) if borrow.COMPILED else Carrier()
    body: Body = Body.__new__(Body) if borrow.COMPILED else Body(carrier)
    body.carrier = borrow.of(carrier)
    carrier.worker = borrow.of(worker)
    carrier.greenlet = switch.new(body)
    borrow.hide(carrier.greenlet)
    borrow.hold(carrier)
    return carrier


def run_current(worker: Worker, carrier: Carrier) -> bool:
    """Runs the current goroutine and picks the next; whether that is a new one. (A function of its own, so that a
    carrier that rests has no reference to the goroutine that has ended.)
    """
    g: Goroutine = borrowed.goroutine(worker.current)
    g.carrier = borrow.of(carrier)
    g.worker = carrier.worker
    g.reason = reasons.RUNNING
    carrier.goroutine = worker.current
    worker.started += 1
    execute(g)
    if switch.worker() != carrier.worker:
        end_forked_child()
    carrier.goroutine = borrow.NOTHING
    worker.started -= 1
    if worker.ticks >= worker.look_at:
        look_up(worker)
    if not worker.pick():
        return False
    following: Goroutine = borrowed.goroutine(worker.current)
    return not following.carrier


def execute(g: Goroutine) -> None:
    """Runs a goroutine from beginning to end on the carrier that it has."""
    if HOOKS.on:
        HOOKS.tool.begin(g)
    if g.args:
        borrow.show(g.args)
    if borrow.is_method(g.fn):
        borrow.show(g.fn)
    failure = switch.call(g.fn, g.args, g.kwargs, g.context)
    worker: Worker = borrowed.worker(g.worker)
    if failure:
        finish(worker, g, borrow.get(failure))
        borrow.drop(borrow.get(failure))
    else:
        finish(worker, g, None)


def finish(worker: Worker, g: Goroutine, failure: Any) -> None:
    """A goroutine has ended."""
    if failure is not None and not isinstance(failure, Goexit):
        main = RUNTIME.main_goroutine()
        if main is not None and isinstance(failure, (SystemExit, KeyboardInterrupt)):
            interrupt(main, failure)
        else:
            RUNTIME.on_failure(g, failure)
    if HOOKS.on:
        HOOKS.tool.end(g)
    g.reason = reasons.DEAD
    if g.locks and worker.locks:
        worker.locks -= 1
        worker.leaving = True
    borrow.show(g.context)
    at = g.registry
    if at:
        registry: Registry = borrowed.registry(at)
        registry.remove(g)


def fail(error: Any) -> None:
    """The current goroutine has failed: reports it; returns only where a panic handler has taken over."""
    if RUNTIME.on_failure(current(), error):
        raise Goexit  # it ends here, and nobody is told that it is done


def end_forked_child() -> None:
    """A goroutine forked, and returned in the child: the child's main goroutine has ended, and so the child."""
    RUNTIME.on_event("forked")


def ring(worker: Worker) -> bool:
    """Wakes a worker if it sleeps."""
    if guard.seen(worker.sleeping) and guard.take(worker.sleeping):
        guard.add(RUNTIME.idle, -1)
        bell.ring(worker.bell)
        MONITOR.nudge()
        return True
    return False


def send_for(worker: Worker) -> bool:
    """Wakes a worker if it sleeps, to do what any of them may do: it `seeks`, and if it comes to run something else, or
    may not do it any more, it sends for the next.
    """
    if not guard.seen(worker.sleeping):
        return False
    worker.seeks = True  # before the flag is taken: once it is, the worker may go on
    return ring(worker)


def look_again() -> None:
    """Something that could have woken a goroutine will not any more: if all workers sleep, one looks for a deadlock."""
    workers = RUNTIME.all_workers()
    if guard.read(RUNTIME.idle) >= len(workers):
        for worker in workers:
            if ring(worker):
                return


def thread_rests() -> None:
    """A foreign thread will wake nobody any more, for the time being: as `look_again`, if a worker wants to know."""
    if guard.seen(RUNTIME.counts_on_thread) and guard.take(RUNTIME.counts_on_thread):
        look_again()


def count_outside(change: int) -> None:
    """One more or one less thing outside of gofer under way that will wake a goroutine."""
    guard.add(RUNTIME.outside, change)
    if change < 0:
        look_again()


def wake_one() -> None:
    """There is one more goroutine that any worker may take: wakes one that sleeps, or starts one that is allowed."""
    if guard.read(RUNTIME.drowsy) > 0:
        for each in RUNTIME.all_workers():
            worker: Worker = each
            if RUNTIME.may_take(worker) and send_for(worker):
                return
    RUNTIME.start_one_more()


def relieve(worker: Worker, busy: float) -> None:
    """A worker has kept others waiting: those that have not started may go to another worker."""
    if RUNTIME.several and worker.has_fresh():
        wake_one()


def lock_thread() -> None:
    """The current goroutine keeps its thread to itself; counts."""
    g = current()
    g.locks += 1
    if g.locks > 1 or not g.worker or RUNTIME.rng is not None:
        return
    worker: Worker = borrowed.worker(g.worker)
    worker.locks += 1
    if not worker.closed:
        RUNTIME.close_worker(worker)
        if worker.has_fresh():
            wake_one()


def unlock_thread() -> None:
    """Undoes one `lock_thread`, if there has been any."""
    g = current()
    if not g.locks:
        return
    g.locks -= 1
    if g.locks or not g.worker or RUNTIME.rng is not None:
        return
    worker: Worker = borrowed.worker(g.worker)
    worker.locks -= 1
    if not worker.locks and not worker.leaving:
        RUNTIME.open_worker(worker)


def begin_run(active: bool) -> bool | None:
    """The calling thread becomes a worker: true if it was not one before. None: it is in a goroutine already."""
    at = switch.worker()
    if not at:
        if active:
            raise RuntimeError(ANOTHER_RUN)
        RUNTIME.admit()
        attach()
        return True
    worker: Worker = borrowed.worker(at)
    return False if worker.main is not None and worker.current == borrow.of(worker.main) else None


def end_run(attached: bool) -> None:
    """Abandons all goroutines but this one; a thread that became a worker for the run is foreign again.

    Raises what a goroutine told the main one (`SystemExit`, Ctrl-C) too late for it to wait once more.
    """
    at = switch.worker()
    worker: Worker = borrowed.worker(at)
    RUNTIME.abandon(worker)
    main: Goroutine = worker.main
    late: Any = None
    if guard.take(main.interrupted):
        late = main.pending
        main.pending = None
    main.locks = 0
    worker.locks = 0
    worker.leaving = False
    if worker.closed:
        RUNTIME.open_worker(worker)
    if attached and threading.current_thread() is not threading.main_thread():
        RUNTIME.delist(worker)
        switch.set_worker(borrow.NOTHING)
        look_again()
    if late is not None:
        raise late


def park_for_ever() -> None:
    """The main goroutine has ended by `goexit`; the others go on until one of them ends the program."""
    g = current()
    while True:
        g.arm()
        if park(g, reasons.DEAD, borrow.NOTHING):
            raise_pending(g)


def reset_after_fork() -> None:
    """The child has one thread, and a fresh runtime."""
    switch.set_worker(borrow.NOTHING)
    for each in RUNTIME.workers:
        worker: Worker = each
        bell.after_fork(worker.bell)
    TIMERS.clear()
    MONITOR.reset()
    RUNTIME.reset()


switch.load()
switch.keep_chunks()
borrow.hold(TIMERS)
MONITOR.attach(relieve)
os.register_at_fork(after_in_child=reset_after_fork)
