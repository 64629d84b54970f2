"""What the workers share: who they are, which goroutines are alive, how many of each there may be.

`gate` protects the list of workers, which is replaced and never changed, and the set of parked foreign threads, of
which `parkings` counts the changes.
"""

from __future__ import annotations

import sys
import threading
from _thread import RLock  # not what the race detector puts into `threading`: this is made anew in the child of a fork
from typing import Any

from gofer._core.machine import borrow, guard, reasons
from gofer._core.sched import owner, threads
from gofer._core.sched.goroutine import Goroutine
from gofer._core.sched.monitor import MONITOR
from gofer._core.sched.registry import Registry
from gofer._core.sched.timers import TIMERS
from gofer._core.sched.worker import Worker

ENDING = "gofer: the interpreter ends, so no goroutine can start or wait any more"


class Runtime:
    """What the workers share; `RUNTIME` is the one instance.

    `over`: the functions of `atexit` have been called, and soon no thread but the main one will run. `forks` counts in
    how many forks this process is the child. `hub` and `work` are what a worker's hub and a worker's own thread do,
    `on_failure` and `on_event` what becomes of a goroutine that has failed and of a program that ends, `on_abandoned`
    hears of the goroutines that will not run any more: set at import by who is above.
    """

    def __init__(self) -> None:
        self.procs = 1
        self.forks = -1
        self.reset()
        self.refusal: Any = None
        self.hub: Any = None
        self.work: Any = None
        self.on_failure: Any = None
        self.on_event: Any = None
        self.on_abandoned: Any = None

    def reset(self) -> None:
        """As new: at import, and in the child of a fork, where the parent's threads hold what they held."""
        global _starting
        _starting = RLock()
        self.forks += 1
        self.over = False
        self.gate = guard.make()
        self.ids = guard.counter(1)
        self.idle = guard.counter(0)
        self.outside = guard.counter(0)
        self.counts_on_thread = guard.flag(0)
        self.spinning = guard.counter(0)
        self.watch_post = guard.flag(1)
        self.clock_post = guard.flag(1)
        self.closed = guard.counter(0)
        self.several = self.procs > 1
        self.size = 0
        self.drowsy = guard.counter(0)
        self.left: list[Registry] = []
        self.workers: list[Worker] = []
        self.registry = Registry()
        self.parked_threads: set[int] = set()  # by identity: a thread's class may have an `__eq__` of its own
        self.parkings = 0
        self.background_worker: Any = None

    def set_procs(self, n: int) -> None:
        """Allows `n` workers."""
        self.procs = n
        self.several = n > 1 or guard.read(self.closed) > 0
        self.refusal = None

    def refuse(self, error: ValueError) -> None:
        """Has the first use raise `error`, unless `set_procs` comes before it."""
        self.refusal = error

    def admit(self) -> None:
        """A thread uses the runtime for the first time."""
        if self.refusal is not None:
            raise self.refusal
        if self.over:
            self.refuse_late()

    def refuse_late(self) -> None:
        """The program is over: raises RuntimeError once no other thread can run any more."""
        if sys.is_finalizing():
            raise RuntimeError(ENDING)

    def get_procs(self) -> int:
        """How many workers are allowed."""
        return self.procs

    def limit(self) -> int:
        """How many workers there may be now: one more for each that is stuck in the system, up to twice as many, and
        for each whose thread a goroutine has to itself.
        """
        return self.procs + min(MONITOR.blocked, self.procs) + guard.read(self.closed)

    def may_take(self, worker: Worker) -> bool:
        """True if a worker takes goroutines that others have started: not where there are more than allowed."""
        return not worker.closed and (worker.index < self.limit() or worker.main is not None)

    def may_spin(self, g: Goroutine) -> bool:
        """True if `g` may wait for another thread without giving up its own: no other goroutine could run there."""
        if not g.worker:
            return True
        worker: Worker = owner.worker(g.worker)
        return self.several and not worker.has_runnable()

    def close_worker(self, worker: Worker) -> None:
        """Its thread belongs to a goroutine: it starts no new ones, and another worker may be started in its place."""
        worker.closed = True
        guard.lock(self.gate)
        guard.add(self.closed, 1)
        self.several = True
        guard.unlock(self.gate)

    def open_worker(self, worker: Worker) -> None:
        """Ends that."""
        worker.closed = False
        guard.lock(self.gate)
        self.several = guard.add(self.closed, -1) > 0 or self.procs > 1
        guard.unlock(self.gate)

    def all_workers(self) -> list[Worker]:
        """The workers now."""
        guard.lock(self.gate)
        workers = self.workers
        guard.unlock(self.gate)
        return workers

    def enlist(self, worker: Worker) -> None:
        """One more worker."""
        borrow.hold(worker)  # for ever: its parked goroutines must not be unwound when the interpreter ends
        with _starting:
            self.set_workers([*self.all_workers(), worker])
        MONITOR.watch(worker)

    def delist(self, worker: Worker) -> None:
        """One less."""
        with _starting:
            workers = [other for other in self.all_workers() if other is not worker]
            for position, other in enumerate(workers):
                moved: Worker = other
                moved.index = position
            self.set_workers(workers)
        MONITOR.unwatch(worker)

    def set_workers(self, workers: list[Worker]) -> None:
        size = len(workers)
        guard.lock(self.gate)
        before = self.workers
        self.workers = workers
        self.size = size
        guard.unlock(self.gate)
        del before

    def bury(self, worker: Worker) -> None:
        """Delists a worker whose thread ends; what it has started may live on elsewhere."""
        with _starting:
            guard.lock(self.gate)
            left = self.left
            guard.unlock(self.gate)
            remaining = [registry for registry in (*left, worker.registry) if registry.members()]
            guard.lock(self.gate)
            self.left = remaining
            guard.unlock(self.gate)
            self.delist(worker)

    def start_worker(self) -> Worker:
        """A worker with a thread of its own."""
        worker = Worker(len(self.all_workers()), None, False)
        self.enlist(worker)
        thread = threading.Thread(target=self.work, args=(worker,), name=f"gofer-worker-{worker.index}", daemon=True)
        worker.thread = thread
        try:
            threads.start(thread)
        except BaseException:
            self.delist(worker)
            raise
        return worker

    def start_one_more(self) -> None:
        """Starts a worker unless there are as many as there may be, or as many threads as the system allows."""
        if self.size < self.limit():
            with _starting:
                if self.size < self.limit() and threads.may_start():
                    try:
                        self.start_worker()
                    except RuntimeError:  # "can't start new thread": those that there are go on
                        return

    def close(self) -> None:
        """The program is over: no more workers are started, and none is being started when this returns."""
        with _starting:
            threads.end_starts()

    def background(self) -> Worker:
        """The worker for what foreign threads start; started for the first of it."""
        worker: Worker | None = self.background_worker
        refused: Any = None
        if worker is None or worker.closed:
            with _starting:
                worker = self.background_worker
                if (worker is None or worker.closed) and threads.may_start():
                    try:
                        worker = self.start_worker()
                    except RuntimeError as error:
                        refused = error
                    else:
                        worker.permanent = True
                        self.background_worker = worker
            if refused is not None:
                threads.stay_if_late(refused)
                raise refused
            if worker is None or worker.closed:
                threads.stay()
        return worker

    def main_goroutine(self) -> Goroutine | None:
        """Goroutine 1, or who stands for it: the main goroutine of the newest worker that has one."""
        workers = self.all_workers()
        index = len(workers)
        while index > 0:  # no iterator: also who has armed itself asks
            index -= 1
            worker: Worker = workers[index]
            if worker.main is not None:
                main: Goroutine = worker.main
                return main
        return None

    def goroutines(self) -> list[Goroutine]:
        """All that are alive, by id."""
        found = self.registry.members()
        guard.lock(self.gate)
        left = self.left
        guard.unlock(self.gate)
        for registry in left:
            found.extend(registry.members())
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
                worker: Worker = owner.worker(g.worker)
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
        stopped: set[int] = set()
        for member in self.goroutines():
            g: Goroutine = member
            if g not in spared:
                if g.claim() or g.worker == borrow.of(mine):
                    stopped.add(g.id)
                forget_goroutine(g)
        if stopped:
            self.on_abandoned(stopped)

    def mark_parked(self, g: Goroutine, mark: Any, parked: bool) -> None:
        """A foreign thread blocks in gofer, unless it has been woken before it could; or it does so no more."""
        guard.lock_to_grow(self.gate)
        if not parked:
            g.reason = reasons.RUNNABLE  # from now on, even if it does not run yet
            self.parked_threads.discard(mark)
        elif g.reason != reasons.RUNNABLE:
            self.parked_threads.add(mark)
        self.parkings += 1
        guard.unlock(self.gate)

    def foreign_thread(self) -> Any:
        """A thread that is neither a worker's nor blocked in gofer, one whose end can be waited for if there is one."""
        while True:
            before = self.parkings
            found = self.look_for_thread()
            if found is not None or before == self.parkings:
                return found

    def look_for_thread(self) -> Any:
        """The same, unless threads block or wake meanwhile."""
        found = None
        ours = {id(worker.thread) for worker in self.all_workers()}
        for thread in threads.alive():
            mark = id(thread)
            if mark not in ours and not self.is_parked(mark) and not getattr(thread, "gofer_helper", False):
                if not isinstance(thread, threading._DummyThread):
                    return thread
                found = thread
        return found

    def is_parked(self, mark: Any) -> bool:
        """True if a foreign thread is blocked in gofer now."""
        guard.lock(self.gate)
        parked = mark in self.parked_threads
        guard.unlock(self.gate)
        return parked

    def can_be_woken(self) -> bool:
        """True if anything is left that could make a goroutine runnable while all workers are idle."""
        return bool(guard.read(self.outside)) or TIMERS.any_pending()


def _id(g: Goroutine) -> int:
    return g.id


def forget_goroutine(g: Goroutine) -> None:
    """Out of its registry, but held: its frames must not be unwound."""
    at = g.registry
    if at:
        registry: Registry = owner.registry(at)
        borrow.hold(g)
        if not registry.remove(g):
            borrow.drop(g)


_starting = RLock()  # who changes the list of workers; a signal's handler may come in between
RUNTIME = Runtime()
borrow.hold(RUNTIME)
