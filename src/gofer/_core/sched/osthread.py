"""A thread of one's own: `runtime.lock_os_thread` and its undoing. The worker is closed meanwhile (see `worker`)."""

from __future__ import annotations

from gofer._core.sched import owner, scheduler, wakeup
from gofer._core.sched.choice import CHOICE
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.worker import Worker


def lock_thread() -> None:
    """The current goroutine keeps its thread to itself; counts."""
    g = scheduler.current()
    g.locks += 1
    if g.locks > 1 or not g.worker or CHOICE.decides:
        return
    worker: Worker = owner.worker(g.worker)
    worker.locks += 1
    if not worker.closed:
        RUNTIME.close_worker(worker)
        if worker.has_fresh():
            wakeup.wake_one()


def unlock_thread() -> None:
    """Undoes one `lock_thread`, if there has been any."""
    g = scheduler.current()
    if not g.locks:
        return
    g.locks -= 1
    if g.locks or not g.worker or CHOICE.decides:
        return
    worker: Worker = owner.worker(g.worker)
    worker.locks -= 1
    if not worker.locks and not worker.leaving:
        RUNTIME.open_worker(worker)
