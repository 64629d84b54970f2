"""The scheduler: which goroutine a thread runs next.

Each worker is one thread. A goroutine that gives up its thread (`park`, `yield_now`) switches straight to the next
runnable one of its worker, or to the worker's hub where there is none; the hub fires timers, steals, and sleeps. A
goroutine that ends hands its carrier to the next new one without any switch. New carriers are started from the hub
only: a greenlet inherits the recursion depth of the stack that it is started on.

What holds:
- `worker.current` is the goroutine that runs on the worker's thread; none while the hub itself runs.
- a goroutine is woken only by who has claimed it, and runs again only on the worker it started on, after it has
  switched away: its worker picks it up between two goroutines.
- a worker raises `sleeping` before it looks for work for the last time; who makes work afterwards takes the flag and
  rings the bell. So no wake-up is lost, and ringing costs a system call only where somebody sleeps.

The main thread becomes worker 0 when it first uses gofer, and what runs there then is goroutine 1. Other threads are
foreign unless `run` is called in them: they block on a lock of the operating system where a goroutine would park, and
what they start runs on a background worker, because the main thread may be anywhere.

Rejected: a switch to the hub for each wait (twice the cost of a switch); one run queue for all workers (started
goroutines cannot move); an idle worker that polls.
"""

from __future__ import annotations

import os
import sys
import threading
from _thread import allocate_lock
from functools import partial
from typing import Any, NoReturn

from gofer._core import borrow, clock, goroutine, guard, reasons, spin, switch
from gofer._core.borrow import Size
from gofer._core.errors import DeadlockError, Goexit
from gofer._core.goroutine import Carrier, Goroutine, Registry
from gofer._core.hooks import HOOKS
from gofer._core.monitor import MONITOR
from gofer._core.timers import TIMERS
from gofer._core.worker import LONGEST_SPIN, PATIENCE, SHORTEST_SPIN, Worker

IDLE_CARRIERS_KEPT = 1024
LONGEST_WAIT = 1.0  # a signal that comes just before the thread blocks does not wake it
FOREIGN_POLL = 0.05

_thread = threading.local()


class Runtime:
    """What the workers share. `gate` protects the list of workers and the set of parked foreign threads."""

    def __init__(self) -> None:
        self.reset()
        self.procs = 1
        self.rng: Any = None
        self.on_failure: Any = None
        self.on_event: Any = None

    def reset(self) -> None:
        """As new: at import, and in the child of a fork."""
        self.gate = guard.make()
        self.ids = guard.counter(1)
        self.idle = guard.counter(0)
        self.outside = guard.counter(0)
        self.spinning = guard.counter(0)
        self.watch_post = guard.flag(1)
        self.workers: list[Worker] = []
        self.registry = Registry()
        self.parked_threads: set[Any] = set()
        self.background: Any = None

    def set_procs(self, n: int) -> None:
        """Allows `n` workers."""
        self.procs = n

    def get_procs(self) -> int:
        """How many workers are allowed."""
        return self.procs

    def limit(self) -> int:
        """How many workers there may be now: one more for each that is stuck in the system, up to twice as many."""
        return self.procs + min(MONITOR.blocked, self.procs)

    def set_rng(self, rng: Any) -> None:
        """Draws all orders from `rng` from now on."""
        self.rng = rng

    def count_outside(self, change: int) -> None:
        """One more or one less thing outside of gofer under way that will wake a goroutine."""
        guard.add(self.outside, change)

    def all_workers(self) -> list[Worker]:
        """The workers now."""
        guard.lock(self.gate)
        workers = self.workers
        guard.unlock(self.gate)
        return workers

    def attach(self) -> Worker:
        """Makes the calling thread a worker, and what runs on it its main goroutine."""
        worker = Worker(len(self.all_workers()), threading.current_thread(), self.rng)
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
        worker.hub = switch.new(partial(hub, worker))
        worker.current = borrow.of(main)
        self.enlist(worker)
        switch.set_worker(borrow.of(worker))
        if HOOKS.on:
            HOOKS.tool.begin(main)
        return worker

    def enlist(self, worker: Worker) -> None:
        borrow.hold(worker)  # for ever: its parked goroutines must not be unwound when the interpreter ends
        workers = [*self.all_workers(), worker]
        guard.lock(self.gate)
        self.workers = workers
        guard.unlock(self.gate)
        MONITOR.watch(worker)

    def detach(self, worker: Worker) -> None:
        """The calling thread is no worker any more."""
        workers = [other for other in self.all_workers() if other is not worker]
        guard.lock(self.gate)
        self.workers = workers
        guard.unlock(self.gate)
        MONITOR.unwatch(worker)
        switch.set_worker(borrow.NOTHING)

    def start_worker(self) -> Worker:
        """A worker with a thread of its own."""
        worker = Worker(len(self.all_workers()), None, None)
        self.enlist(worker)
        thread = threading.Thread(target=work, args=(worker,), name=f"gofer-worker-{worker.index}", daemon=True)
        worker.thread = thread
        thread.start()
        return worker

    def main_goroutine(self) -> Goroutine | None:
        """Goroutine 1, or who stands for it: the main goroutine of the newest worker that has one."""
        for each in reversed(self.all_workers()):
            worker: Worker = each
            if worker.main is not None:
                main: Goroutine = worker.main
                return main
        return None

    def goroutines(self) -> list[Goroutine]:
        """All that are alive, by id."""
        found = self.registry.members()
        for each in self.all_workers():
            worker: Worker = each
            found.extend(worker.registry.members())
        return sorted(found, key=_id)

    def running_workers(self) -> list[tuple[Worker, Goroutine]]:
        """Each worker that runs a goroutine, and which."""
        found = []
        for member in self.goroutines():  # not through `worker.current`, which may end at any moment
            g: Goroutine = member
            if g.worker:
                worker: Worker = borrow.get(g.worker)
                if worker.current == borrow.of(g):
                    found.append((worker, g))
        return found

    def abandon(self, mine: Worker) -> None:
        """Forgets every goroutine but main ones: what is parked or has not started will not run any more.

        One that runs on another worker at this moment goes on until it parks or ends; it cannot be stopped.
        """
        mine.forget()
        spared = [mine.main]
        for each in self.all_workers():
            worker: Worker = each
            worker.forget_fresh()
            spared.append(worker.main)
        for member in self.goroutines():
            g: Goroutine = member
            if g not in spared:
                g.claim()
                forget_goroutine(g)

    def is_foreign_alive(self) -> bool:
        """Whether a thread that is neither a worker's nor blocked in gofer is alive."""
        ours = {worker.thread for worker in self.all_workers()}
        guard.lock(self.gate)
        parked = set(self.parked_threads)
        guard.unlock(self.gate)
        for thread in threading.enumerate():
            if thread not in ours and thread not in parked and not getattr(thread, "gofer_helper", False):
                return True
        return False

    def can_be_woken(self) -> bool:
        """Whether anything is left that could make a goroutine runnable while all workers are idle."""
        return bool(guard.read(self.outside)) or TIMERS.any_can_wake()


def shared() -> Runtime:
    """The one runtime. (Compiled, the module's `RUNTIME` is seen by compiled code only.)"""
    return RUNTIME


def _id(g: Goroutine) -> int:
    return g.id


def forget_goroutine(g: Goroutine) -> None:
    """Out of its registry, but held: its frames must not be unwound."""
    at = g.registry
    if at:
        registry: Registry = borrow.get(at)
        borrow.hold(g)
        if not registry.remove(g):
            borrow.drop(g)


def current() -> Goroutine:
    """The goroutine that runs here; in a foreign thread, the thread's stand-in."""
    at = switch.worker()
    if at:
        worker: Worker = borrow.get(at)
        g: Goroutine = borrow.get(worker.current) if worker.current else worker.hub_goroutine
        return g
    return adopt()


def adopt() -> Goroutine:
    """First use in a thread: the main thread becomes a worker, any other gets a stand-in; so does the main thread in a
    coroutine, because nothing would run on a worker while its thread is in an asyncio loop.
    """
    if threading.current_thread() is threading.main_thread() and not in_loop():
        main: Goroutine = RUNTIME.attach().main
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


def go(fn: Any, args: tuple[Any, ...], kwargs: Any) -> None:
    """Starts `fn(*args, **kwargs)` in a new goroutine; `kwargs` may be None."""
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
    at = switch.worker()
    if not at:
        inject(g)
        return
    worker: Worker = borrow.get(at)
    worker.registry.add(g)
    worker.push_fresh(g)
    if not worker.current:
        ring(worker)
    if RUNTIME.procs > 1 and guard.seen(RUNTIME.watch_post):
        wake_one()


def inject(g: Goroutine) -> None:
    """A foreign thread's goroutine goes to the background worker, which is started for the first of them."""
    RUNTIME.registry.add(g)
    with _starting:
        if RUNTIME.background is None:
            RUNTIME.background = RUNTIME.start_worker()
    worker: Worker = RUNTIME.background
    worker.push_fresh(g)
    ring(worker)


def park(g: Goroutine, reason: Size, on: Any) -> bool:
    """The current goroutine gives up its thread until it is made ready.

    It has armed itself, and is where a waker will find it. True: it has been interrupted; it must take its waiter out
    of the queue and call `raise_pending`.
    """
    if not g.worker:
        return park_thread(g)
    worker: Worker = borrow.get(g.worker)
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
    g.thread_lock.acquire()
    g.reason = reasons.RUNNING
    return False


def ready(g: Goroutine) -> None:
    """Makes a parked goroutine runnable; only for who has claimed it. From any thread."""
    if not g.worker:
        ready_thread(g)
        return
    worker: Worker = borrow.get(g.worker)
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
    worker: Worker = borrow.get(g.worker)
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
    if not (worker.ticks & 63):
        worker.now = TIMERS.now()
        if TIMERS.earliest <= worker.now:
            TIMERS.fire_due()
    leaving = worker.current
    if worker.pick() and worker.current == leaving:
        return
    switch.to(next_target(worker))


def next_target(worker: Worker) -> Any:
    """The greenlet that runs `worker.current`: its carrier's, an idle carrier's, or else the hub."""
    if not worker.current:
        return worker.hub
    g: Goroutine = borrow.get(worker.current)
    if g.carrier:
        carrier: Carrier = borrow.get(g.carrier)
        return carrier.greenlet
    if worker.idle:
        carrier = borrow.get(worker.idle)
        worker.idle = carrier.next
        worker.idle_count -= 1
        return carrier.greenlet
    return worker.hub


def carry(carrier: Carrier) -> None:
    """The body of a carrier: runs the worker's current goroutine, then the next new one, until there is none."""
    while True:
        worker: Worker = borrow.get(carrier.worker)
        g: Goroutine = borrow.get(worker.current)
        g.carrier = borrow.of(carrier)
        g.worker = carrier.worker
        g.reason = reasons.RUNNING
        carrier.goroutine = worker.current
        execute(g)
        if switch.worker() != carrier.worker:
            end_forked_child()
        if worker.pick():
            following: Goroutine = borrow.get(worker.current)
            if not following.carrier:
                continue
        if worker.idle_count >= IDLE_CARRIERS_KEPT:
            break
        carrier.goroutine = borrow.NOTHING
        worker.rest(carrier)
        target = next_target(worker)
        if target is not carrier.greenlet:
            switch.to(target)
    borrow.drop(carrier)


def execute(g: Goroutine) -> None:
    """Runs a goroutine from beginning to end on the carrier that it has."""
    if HOOKS.on:
        HOOKS.tool.begin(g)
    failure = switch.call(g.fn, g.args, g.kwargs, g.context)
    worker: Worker = borrow.get(g.worker)
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
    at = g.registry
    if at:
        registry: Registry = borrow.get(at)
        registry.remove(g)


def fail(error: Any) -> None:
    """The current goroutine has failed: reports it; returns only where a panic handler has taken over."""
    RUNTIME.on_failure(current(), error)


def end_forked_child() -> None:
    """A goroutine forked, and returned in the child: the child's main goroutine has ended, and so the child."""
    RUNTIME.on_event("forked")


def new_carrier(worker: Worker) -> Carrier:
    """A carrier that starts with `worker.current`; only the hub makes them."""
    carrier = Carrier()
    carrier.worker = borrow.of(worker)
    carrier.greenlet = switch.new(partial(carry, carrier))
    borrow.hold(carrier)
    return carrier


def hub(worker: Worker) -> None:
    """Runs when no goroutine of the worker does: finds work, or sleeps until there is some."""
    while True:
        if not worker.current and not find_work(worker):
            wait_for_work(worker)
            continue
        target = next_target(worker)
        if target is worker.hub:
            target = new_carrier(worker).greenlet
        switch.to(target)


def work(worker: Worker) -> None:
    """The life of a worker's own thread."""
    switch.set_worker(borrow.of(worker))
    worker.hub = switch.current()
    hub(worker)


def find_work(worker: Worker) -> bool:
    """Makes a runnable goroutine current, if there is one for this worker anywhere."""
    worker.now = TIMERS.now()
    if TIMERS.earliest <= worker.now:
        TIMERS.fire_due()
    worker.saw_young = False
    if worker.pick() or (RUNTIME.procs > 1 and steal(worker)):
        if worker.watched:
            worker.watched = False
            pass_on()
        return True
    return False


def steal(thief: Worker) -> bool:
    """Takes goroutines that have not started from another worker, where they wait too long for it. `saw_young`: they
    do not yet, so it must look again soon.
    """
    if thief.index >= RUNTIME.limit():
        return False
    now = clock.monotonic()
    for other in RUNTIME.all_workers():
        victim: Worker = other
        if victim is not thief and victim.has_fresh():
            if victim.is_overdue(now) and victim.steal_into(thief):
                thief.watched = True
                return True
            thief.saw_young = True
    return False


def pass_on() -> None:
    """Who watched has found work: another one is woken to watch what is left."""
    for other in RUNTIME.all_workers():
        worker: Worker = other
        if worker.has_fresh():
            wake_one()
            return


def wait_for_work(worker: Worker) -> None:
    """Sleeps until somebody rings, a timer is due, or nothing will ever happen.

    `RUNTIME.idle` counts the workers that have looked for work in vain with their flag up. Who takes the flag counts
    the worker out, so a worker that has been rung but has not woken yet is not taken for an idle one.
    """
    if spin.POSSIBLE and RUNTIME.procs > 1 and not worker.saw_young and spin_for_work(worker):
        return
    guard.raise_flag(worker.sleeping)
    if find_work(worker):
        wake_up(worker, False, False)
        return
    watches = worker.saw_young and guard.seen(RUNTIME.watch_post) and guard.take(RUNTIME.watch_post)
    worker.watched = watches
    rung = False
    idle = guard.add(RUNTIME.idle, 1)
    try:
        rung = sleep_until_rung(worker, idle >= len(RUNTIME.all_workers()))
    except BaseException as error:
        main = RUNTIME.main_goroutine()
        if main is None:
            raise
        error.__traceback__ = None
        interrupt(main, error)
    finally:
        wake_up(worker, True, rung)
        if watches:
            guard.raise_flag(RUNTIME.watch_post)


def spin_for_work(worker: Worker) -> bool:
    """Whether another worker makes a goroutine of this one runnable within a moment, so that it need not sleep.

    For as long as that has paid of late; every 16th time for the longest. Half of the workers may do so at a time.
    """
    worker.idled += 1
    longest = LONGEST_SPIN if not worker.idled & 15 else worker.patience
    if TIMERS.earliest - TIMERS.now() < 1e-4:
        return False
    found = False
    if guard.add(RUNTIME.spinning, 1) <= max(RUNTIME.procs // 2, 1):
        found = spin.until(worker.posted_head, longest)
        worker.patience = LONGEST_SPIN if found else max(SHORTEST_SPIN, worker.patience // 2)
    guard.add(RUNTIME.spinning, -1)
    return found


def sleep_until_rung(worker: Worker, last: bool) -> bool:
    """Whether the bell has been heard; `last`: all other workers are idle too. A signal handler may raise here."""
    stuck = last and not RUNTIME.can_be_woken()
    if last and TIMERS.advance():
        return False
    if stuck and not settle(worker):
        return False
    timeout = min(TIMERS.earliest - TIMERS.now(), FOREIGN_POLL if stuck else LONGEST_WAIT)
    if worker.watched:
        timeout = min(timeout, PATIENCE)
    switch.check_signals()
    return bool(worker.bell.acquire(True, timeout)) if timeout > 0.0 else False


def wake_up(worker: Worker, counted: bool, rung: bool) -> None:
    """Awake again: lowers the flag, or hears the bell of who has."""
    if guard.take(worker.sleeping):
        if counted:
            guard.add(RUNTIME.idle, -1)
        MONITOR.nudge()
        return
    if not counted:
        guard.add(RUNTIME.idle, 1)
    if not rung:
        worker.bell.acquire()


def settle(worker: Worker) -> bool:
    """All workers are idle and nothing of gofer's will wake one: true where a foreign thread still could, otherwise
    it is a deadlock, and the main goroutine is told.
    """
    if RUNTIME.is_foreign_alive():
        return True
    workers = RUNTIME.all_workers()
    for each in workers:
        other: Worker = each
        if not guard.seen(other.sleeping):
            return True  # it has woken by itself, and may have been given work since
    for member in RUNTIME.goroutines():
        waiting: Goroutine = member
        if waiting.reason == reasons.FUTURE:
            return True  # who completes a future need not be a thread that Python knows
    if guard.read(RUNTIME.idle) < len(workers):
        return True  # a thread that has ended meanwhile had rung somebody before
    main: Goroutine | None = RUNTIME.main_goroutine()
    if main is None or not main.claim():
        return True  # it runs, or somebody has woken it; or another idle worker has come here first
    try:
        error: Any = deadlock_error(main)
    except BaseException as failure:
        error = failure  # Ctrl-C, while the dump is made
    main.pending = error
    guard.raise_flag(main.interrupted)
    ready(main)
    return False


def deadlock_error(main: Goroutine) -> DeadlockError:
    """What the main goroutine is told, with a dump of all."""
    dump = RUNTIME.on_event("deadlock")
    if main.reason == reasons.DEAD:
        return DeadlockError("no goroutines (main called runtime.Goexit) - deadlock!", dump)
    return DeadlockError(goroutines=dump)


def ring(worker: Worker) -> bool:
    """Wakes a worker if it sleeps."""
    if guard.seen(worker.sleeping) and guard.take(worker.sleeping):
        guard.add(RUNTIME.idle, -1)
        worker.bell.release()
        MONITOR.nudge()
        return True
    return False


def ring_all() -> None:
    """A timer has become the earliest: idle workers must look again how long to sleep."""
    if guard.read(RUNTIME.idle) > 0:
        for worker in RUNTIME.all_workers():
            ring(worker)


def wake_one() -> None:
    """There is one more goroutine that any worker may take: wakes one that sleeps, or starts one that is allowed."""
    workers = RUNTIME.all_workers()
    limit = RUNTIME.limit()
    for each in workers:
        worker: Worker = each
        if worker.index < limit and ring(worker):
            return
    if len(workers) < limit:
        with _starting:
            if len(RUNTIME.all_workers()) < RUNTIME.limit():
                RUNTIME.start_worker()


def relieve(worker: Worker, busy: float) -> None:
    """A worker has kept others waiting: those that have not started may go to another worker."""
    if RUNTIME.procs > 1 and worker.has_fresh():
        wake_one()


def begin_run() -> bool | None:
    """The calling thread becomes a worker: true if it was not one before. None: it is in a goroutine already."""
    at = switch.worker()
    if not at:
        RUNTIME.attach()
        return True
    worker: Worker = borrow.get(at)
    return False if worker.main is not None and worker.current == borrow.of(worker.main) else None


def end_run(attached: bool) -> None:
    """Abandons all goroutines but this one; a thread that became a worker for the run is foreign again.

    Raises what a goroutine told the main one (`SystemExit`, Ctrl-C) too late for it to wait once more.
    """
    at = switch.worker()
    worker: Worker = borrow.get(at)
    RUNTIME.abandon(worker)
    main: Goroutine = worker.main
    late: Any = None
    if guard.take(main.interrupted):
        late = main.pending
        main.pending = None
    if attached and threading.current_thread() is not threading.main_thread():
        RUNTIME.detach(worker)
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
    TIMERS.clear()
    MONITOR.reset()
    RUNTIME.reset()


_starting = threading.Lock()
RUNTIME = Runtime()
switch.load()
switch.keep_chunks()
borrow.hold(RUNTIME)
borrow.hold(TIMERS)
MONITOR.attach(relieve)
os.register_at_fork(after_in_child=reset_after_fork)
