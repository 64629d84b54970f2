"""Wake-ups: who is rung when there is something to run, to fire, or to find out.

A worker that sleeps has its flag up. Whoever takes the flag rings the worker's bell; a flag is taken once, so nobody is
rung twice. `send_for` wakes a worker for an errand that any of them could do, and that one passes it on if it comes to
do something else (see `hub`).
"""

from __future__ import annotations

from gofer._core.machine import bell, guard
from gofer._core.sched import owner
from gofer._core.sched.goroutine import Goroutine
from gofer._core.sched.monitor import MONITOR
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.worker import Worker


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


def wake_one() -> None:
    """There is one more goroutine that any worker may take: wakes one that sleeps, or starts one that is allowed."""
    if guard.read(RUNTIME.drowsy) > 0:
        for each in RUNTIME.all_workers():
            worker: Worker = each
            if RUNTIME.may_take(worker) and send_for(worker):
                return
    RUNTIME.start_one_more()


def share_out(g: Goroutine) -> None:
    """The goroutine is about to wait where others wait for the same already: a pool. Half of what its worker has not
    started goes to an idle worker, because what has started there stays, however long it computes later.
    """
    if not RUNTIME.several or not g.worker:
        return
    worker: Worker = owner.worker(g.worker)
    worker.notice_pool(g, worker.now)
    if not worker.has_fresh():
        return
    idle: Worker | None = find_idle(worker)
    if idle is None:
        RUNTIME.start_one_more()
        idle = find_idle(worker)
    if idle is not None:
        worker.share_with(idle)
        ring(idle)


def find_idle(but: Worker) -> Worker | None:
    """Another worker that has nothing to run and may take something; a moment old."""
    for each in RUNTIME.all_workers():
        worker: Worker = each
        if worker is not but and not worker.current and not worker.has_runnable() and RUNTIME.may_take(worker):
            return worker
    return None


def relieve(worker: Worker, busy: float) -> None:
    """A worker has kept others waiting: those that have not started may go to another worker."""
    if RUNTIME.several and worker.has_fresh():
        wake_one()


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


MONITOR.attach(relieve)
