"""The records of scheduling: goroutine, its mail, waiter, carrier. Data, and what reads no other record.

Ownership. A registry holds each of its goroutines from `add` to `remove`; every other link to a goroutine is borrowed.
A goroutine owns its waiter; a wait queue borrows the waiters in it, which is sound because whoever waits does not
return, and so keeps its waiter, before the waiter is out of the queue. The fields of a goroutine belong to the worker
that runs it, while it is parked to who has claimed it; `waiting_on` is read by dumps too, under `gate`.

Waking. A goroutine arms itself before it becomes visible in a wait queue. Whoever wants to wake it must `claim` it;
exactly one does (a sender, a closer, a timer, an interruption), and that one calls `scheduler.ready`. So who has been
served is not interrupted there, and who has been interrupted there (`torn`) was not served. From the moment it arms
itself until it has switched away a goroutine runs no code but the core's.

The garbage collector does not know goroutines, waiters and carriers: nothing that a program can get hold of refers to
one, so no cycle leads through them, and what they refer to is alive as long as they are. For the same reason the
context of a goroutine that lives and the arguments and the bound method of one that has not started are hidden from it
(`borrow.hide`): to walk 100,000 goroutines again and again while they were started took twice as long as to start them.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import borrow, guard, reasons


class Goroutine:
    """One goroutine, or the stand-in of a foreign thread that waits for something, or of a caller that must not wait
    here: `on_ready` is then called once, in place of a wake-up, by whoever has claimed it; it must not raise or wait.

    `id` is 0 for a foreign thread. `reason` is one of `reasons`, `since` the `time.monotonic` second (coarse) at which
    it began to wait. `created_code` and `created_lasti` say where `go` was called. `local` is for who attaches to the
    hooks. `locks` counts the calls of `lock_os_thread` that have not been undone. `interrupted` is up where `mailbox`
    may have something: whoever waits looks there first. `torn`: it has been woken for what is in there, and so has not
    been served. `loops`: it has `belongings` of the thread. `frames` are those of the greenlet that it runs in, when it
    does not run in one of its own making.
    """

    def __init__(self) -> None:
        self.id = 0
        self.fn: Any = None
        self.args: Any = None
        self.kwargs: Any = None
        self.context: Any = None
        self.carrier = borrow.NOTHING
        self.worker = borrow.NOTHING
        self.registry = borrow.NOTHING
        self.next = borrow.NOTHING
        self.registry_next = borrow.NOTHING
        self.registry_previous = borrow.NOTHING
        self.ticket = 0
        self.reason = reasons.RUNNABLE
        self.gate = guard.make()
        self.waiting_on = borrow.NOTHING
        self.since = 0.0
        self.armed = guard.flag(0)
        self.parent_id = 0
        self.created_code: Any = None
        self.created_lasti = -1
        self.own_waiter: Any = None
        self.interrupted = guard.flag(0)
        self.mailbox: Any = None
        self.thread_lock: Any = None
        self.thread: Any = None
        self.on_ready: Any = None
        self.local: Any = None
        self.torn = False
        self.locks = 0
        self.loops = False
        self.frames = borrow.NOTHING

    def arm(self) -> None:
        """From here on somebody may claim it."""
        guard.raise_flag(self.armed)

    def claim(self) -> bool:
        """True for the one caller who may wake it."""
        return guard.take(self.armed)

    def awaited(self) -> Any:
        """The object it waits for, or None."""
        found: Any = None
        guard.lock(self.gate)
        if self.waiting_on:
            found = borrow.get(self.waiting_on)
        guard.unlock(self.gate)
        return found


class Letter:
    """An exception that a goroutine is to raise."""

    def __init__(self, error: Any) -> None:
        self.error = error
        self.next: Any = None


class Mailbox:
    """What interrupts a goroutine, a main one most often; see `mail`.

    `first` is the oldest letter, under the goroutine's `gate`. The rest belongs to the goroutine's thread: `opened`
    is what it raises next, `raised` the identity of what it has raised last, `leaving` that this was a `SystemExit`,
    `deaf` that it waited while it handled one, and `outer` what was being handled already when its `run` began.
    """

    def __init__(self) -> None:
        self.first: Any = None
        self.opened: Any = None
        self.raised = 0
        self.leaving = False
        self.deaf = False
        self.outer: Any = None


class Waiter:
    """A place in a wait queue: who waits, what is handed over, and whether it was this place that was served.

    `sibling` is the next waiter of the same select.
    `kept`: a value that was given back to its channel (see `visit`), which stays in the queue when that is closed.
    At rest it has neither value nor clock. `next` links those that are being woken, too.
    """

    def __init__(self) -> None:
        self.goroutine = borrow.NOTHING
        self.value: Any = None
        self.ok = False
        self.served = False
        self.queued = False
        self.kept = False
        self.next = borrow.NOTHING
        self.previous = borrow.NOTHING
        self.clock: Any = None
        self.sibling: Waiter | None = None


class Carrier:
    """A greenlet of one worker that runs goroutines one after another; it has a goroutine or is idle."""

    def __init__(self) -> None:
        self.greenlet: Any = None
        self.worker = borrow.NOTHING
        self.next = borrow.NOTHING
        self.goroutine = borrow.NOTHING
        self.frames = borrow.NOTHING


def new_goroutine() -> Goroutine:
    """A goroutine that nobody knows yet. (Compiled, `__new__` alone leaves every field empty, which is all that
    `__init__` does but for these two; calling the class cost 70 ns more.)
    """
    g: Goroutine = Goroutine.__new__(Goroutine) if borrow.COMPILED else Goroutine()
    g.reason = reasons.RUNNABLE
    g.created_lasti = -1
    return g


def new_waiter(g: Goroutine) -> Waiter:
    """A waiter of `g`, in no queue."""
    w: Waiter = Waiter.__new__(Waiter) if borrow.COMPILED else Waiter()
    w.goroutine = borrow.of(g)
    return w


def renew_waiter(g: Goroutine) -> None:
    """Gives the goroutine a waiter of its own: it has none yet. (Uncompiled, each operation gets another one, because
    anything may run between two of its steps.)
    """
    g.own_waiter = new_waiter(g)


def waiter_of(g: Goroutine) -> Waiter:
    """The goroutine's own waiter, armed: for operations that wait in one queue only, and take nothing out of it."""
    if g.own_waiter is None or not borrow.COMPILED:
        renew_waiter(g)
    w: Waiter = g.own_waiter
    guard.pin()
    g.arm()
    return w
