"""Under a seed a loop that polls lets others run.

No goroutine is preempted under `--seed`, because the order must repeat; so one that waits for another by looking again
and again (a `select` with a default, a `try_lock`, an atomic load, `len(ch)`) would look for ever. Each operation that
may be such a look is a step, and after a number of steps, drawn from the seed, the goroutine gives way as by `gosched`.

Where it may hold a lock of its thread (`safepoint`) it goes on instead, as others would block the thread. But who has
taken thousands of steps there waits for somebody else, and would do so for ever: it gives way all the same, unless the
place itself belongs to the thread (a destructor, the import system, an asyncio loop).
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import guard, reasons
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import borrowed, owner, safepoint, scheduler
from gofer._core.sched.choice import CHOICE
from gofer._core.sched.goroutine import Goroutine
from gofer._core.sched.timers import TIMERS
from gofer._core.sched.worker import Worker

MOST_STEPS = 64
PATIENCE = 256  # for so many times a goroutine goes on because of where it is


class Pace:
    """How many steps are left; there is one worker, so one is enough."""

    def __init__(self) -> None:
        self.left = 1
        self.ticks = -1
        self.held = 0


PACE = Pace()


def step() -> None:
    """The current goroutine is about to look at something, or to change it. May raise what interrupts it."""
    at = scheduler.this_worker()
    if not at:
        return
    worker: Worker = owner.worker(at)
    if not worker.current or not worker.chosen:
        return
    PACE.left -= 1
    if PACE.left > 0:
        return
    PACE.left = CHOICE.steps(MOST_STEPS)
    g: Goroutine = borrowed.goroutine(worker.current)
    if g.reason != reasons.RUNNING or guard.seen(g.armed):
        return
    if worker.ticks != PACE.ticks:
        PACE.ticks = worker.ticks
        PACE.held = 0
    if may_give_way():
        TIMERS.look()
        scheduler.yield_now()


def may_give_way() -> bool:
    """True if others may run here; in doubt, after a while."""
    frame: Any = safepoint.outside(safepoint.newest())
    if safepoint.is_safe(frame):
        return True
    PACE.held += 1
    return PACE.held > PATIENCE and not safepoint.is_threads(frame)


def install() -> None:
    """Has the operations of the core report here: there is a seed."""
    HOOKS.pace(step)
