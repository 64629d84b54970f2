"""The records of scheduling: goroutine, waiter, wait queue, carrier, registry.

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

from gofer._core import borrow, borrowed, guard, reasons


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

    def running_carrier(self) -> Carrier | None:
        """The carrier that it has, once it has started."""
        if self.carrier:
            carrier: Carrier = borrowed.carrier(self.carrier)
            return carrier
        return None


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


class WaitQueue:
    """First come, first served. Belongs to a synchronisation object, whose guard protects it."""

    def __init__(self) -> None:
        self.head = borrow.NOTHING
        self.tail = borrow.NOTHING

    def push(self, w: Waiter) -> None:
        """Puts an armed goroutine's waiter at the end."""
        w.queued = True
        w.next = borrow.NOTHING
        w.previous = self.tail
        if self.tail:
            last: Waiter = borrowed.waiter(self.tail)
            last.next = borrow.of(w)
        else:
            self.head = borrow.of(w)
        self.tail = borrow.of(w)

    def push_front(self, w: Waiter) -> None:
        """Puts an armed goroutine's waiter before all others: it had a turn, and gives it back."""
        w.queued = True
        w.previous = borrow.NOTHING
        w.next = self.head
        if self.head:
            first: Waiter = borrowed.waiter(self.head)
            first.previous = borrow.of(w)
        else:
            self.tail = borrow.of(w)
        self.head = borrow.of(w)

    def push_before(self, w: Waiter, other: Waiter) -> None:
        """Puts an armed goroutine's waiter before another one of its own."""
        if not other.previous:
            self.push_front(w)
            return
        before: Waiter = borrowed.waiter(other.previous)
        w.queued = True
        w.previous = other.previous
        w.next = borrow.of(other)
        before.next = borrow.of(w)
        other.previous = borrow.of(w)

    def pop(self) -> Waiter | None:
        """Takes out and claims the first that nobody else has claimed; None where there is none."""
        while self.head:
            w: Waiter = borrowed.waiter(self.head)
            self.unlink(w)
            g: Goroutine = borrowed.goroutine(w.goroutine)
            if g.claim():
                w.served = True
                return w
        return None

    def remove(self, w: Waiter) -> bool:
        """Takes a waiter out; false where somebody has done so before."""
        if not w.queued:
            return False
        self.unlink(w)
        return True

    def unlink(self, w: Waiter) -> None:
        w.queued = False
        if w.previous:
            before: Waiter = borrowed.waiter(w.previous)
            before.next = w.next
        else:
            self.head = w.next
        if w.next:
            after: Waiter = borrowed.waiter(w.next)
            after.previous = w.previous
        else:
            self.tail = w.previous


class Carrier:
    """A greenlet of one worker that runs goroutines one after another; it has a goroutine or is idle."""

    def __init__(self) -> None:
        self.greenlet: Any = None
        self.worker = borrow.NOTHING
        self.next = borrow.NOTHING
        self.goroutine = borrow.NOTHING
        self.frames = borrow.NOTHING

    def running(self) -> Goroutine | None:
        """The goroutine that it has."""
        if self.goroutine:
            g: Goroutine = borrowed.goroutine(self.goroutine)
            return g
        return None


class Registry:
    """Holds goroutines that are alive. One for each worker and one for those that foreign threads started, so that
    workers do not contend for it.
    """

    def __init__(self) -> None:
        self.gate = guard.make()
        self.head = borrow.NOTHING

    def add(self, g: Goroutine) -> None:
        """Keeps `g` alive."""
        borrow.hold(g)
        guard.lock(self.gate)
        g.registry = borrow.of(self)
        g.registry_previous = borrow.NOTHING
        g.registry_next = self.head
        if self.head:
            first: Goroutine = borrowed.goroutine(self.head)
            first.registry_previous = borrow.of(g)
        self.head = borrow.of(g)
        guard.unlock(self.gate)

    def remove(self, g: Goroutine) -> bool:
        """Lets go of `g`, which the caller still has; false where somebody has done so before."""
        guard.lock(self.gate)
        if not g.registry:
            guard.unlock(self.gate)
            return False
        g.registry = borrow.NOTHING
        if g.registry_previous:
            before: Goroutine = borrowed.goroutine(g.registry_previous)
            before.registry_next = g.registry_next
        else:
            self.head = g.registry_next
        if g.registry_next:
            after: Goroutine = borrowed.goroutine(g.registry_next)
            after.registry_previous = g.registry_previous
        guard.unlock(self.gate)
        borrow.drop(g)
        return True

    def members(self) -> list[Goroutine]:
        """Those alive now, the newest first; those that start meanwhile may be missing."""
        count = 0
        guard.lock(self.gate)
        at = self.head
        while at:
            count += 1
            g: Goroutine = borrowed.goroutine(at)
            at = g.registry_next
        guard.unlock(self.gate)
        found = borrow.slots(count)
        filled = 0
        guard.lock(self.gate)
        at = self.head
        while at and filled < count:
            g = borrowed.goroutine(at)
            borrow.put(found, filled, g)
            filled += 1
            at = g.registry_next
        guard.unlock(self.gate)
        borrow.end(found, filled)
        return found


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


def new_queue() -> WaitQueue:
    """An empty queue."""
    queue: WaitQueue = WaitQueue.__new__(WaitQueue) if borrow.COMPILED else WaitQueue()
    return queue


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
