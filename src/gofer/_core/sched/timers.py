"""Timers: a binary heap by deadline, and the clock that it goes by.

`gate` protects the heap. A timer knows its place in it (`index`, -1 where it is in none), so stopping one does not
search. Lock order: a channel's guard, then `gate`; nothing is called under it. `earliest` is read without the guard, as
a hint.

In the heap is only what can make a goroutine runnable (see `alarms`: a channel's timer is not, while nobody waits on
the channel), so whether anything can is known without a look at any of them. (They were all asked, each time all
workers fell idle: with 50,000 deadlines pending that was 200 times the work of a wake-up.)

Timers are fired outside the guard, by whoever finds them due: a worker between goroutines or when idle, or a goroutine
that polls. Who has taken one out has not fired it yet: another thread may stop or restart it meanwhile, so what fires
makes sure that it is still to. The clock is read once for all that are due, and what is restarted by firing is due
later than that: no number of periodic timers keeps who looks from anything else.

With a virtual clock time stands still while anything can run, and jumps to the next deadline when nothing can: tests
that sleep for hours take no time and do not depend on the machine's.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import borrow, clock, guard
from gofer._core.machine.borrow import Size

NEVER = float("inf")


class Deadline:
    """Something to be fired at a moment of the clock. `run` is the call of `gofer.run` in which it was started, 0 for
    none; that call's end stops it, unless it is `lasting`: a foreign thread's, which goes on.
    """

    def __init__(self) -> None:
        self.when = 0.0
        self.index = -1
        self.run = 0
        self.lasting = False

    def fire(self, now: float) -> None:
        """What happens at the deadline, seen at `now`: brief, on the stack of whoever noticed, and as nobody's act."""
        raise NotImplementedError(type(self).__name__)


class TimerHeap:
    """All timers that are started; `TIMERS` is the one instance."""

    def __init__(self) -> None:
        self.gate = guard.make()
        self.heap: list[Any] = []
        self.heap.append(None)
        self.heap.pop()  # compiled, the first call finds the method; the next ones are in the guard
        self.earliest = NEVER
        self.is_virtual = False
        self.virtual_now = 0.0
        self.runs = 0
        self.run = 0

    def now(self) -> float:
        """The clock in seconds: `time.monotonic`'s, or the virtual one's."""
        if self.is_virtual:
            return self.virtual_now
        return clock.monotonic()

    def set_virtual(self, on: bool) -> None:
        """Switches to a virtual clock that starts at the present, or back."""
        self.virtual_now = clock.monotonic()
        self.is_virtual = on

    def elapse(self, seconds: float) -> None:
        """Moves the virtual clock on, as where the goroutine that runs computes for so long."""
        self.virtual_now += seconds

    def start(self, timer: Deadline, when: float) -> bool:
        """(Re)starts a timer; whether it is the earliest now, so that who waits must wait less."""
        guard.lock_more(self.gate)
        self.remove(timer)
        timer.when = when
        timer.run = self.run
        self.heap.append(timer)
        self.sift_up(len(self.heap) - 1, timer)
        first: Deadline = self.heap[0]
        self.earliest = first.when
        guard.unlock(self.gate)
        return first is timer

    def stop(self, timer: Deadline) -> bool:
        """Stops a timer; whether it was started and had not fired."""
        guard.lock_more(self.gate)
        stopped = self.remove(timer)
        guard.unlock(self.gate)
        return stopped

    def remove(self, timer: Deadline) -> bool:
        index = timer.index
        if index < 0:
            return False
        timer.index = -1
        last: Deadline = self.heap.pop()
        if last is not timer:
            self.sift_up(index, last)
            if last.index == index:
                self.sift_down(index, last)
        if self.heap:
            first: Deadline = self.heap[0]
            self.earliest = first.when
        else:
            self.earliest = NEVER
        return True

    def sift_up(self, index: Size, timer: Deadline) -> None:
        while index > 0:
            parent = (index - 1) // 2
            above: Deadline = self.heap[parent]
            if above.when <= timer.when:
                break
            self.heap[index] = above
            above.index = index
            index = parent
        self.heap[index] = timer
        timer.index = index

    def sift_down(self, index: Size, timer: Deadline) -> None:
        while True:
            child = 2 * index + 1
            if child >= len(self.heap):
                break
            below: Deadline = self.heap[child]
            right = child + 1
            if right < len(self.heap):
                other: Deadline = self.heap[right]
                if other.when < below.when:
                    child = right
                    below = other
            if timer.when <= below.when:
                break
            self.heap[index] = below
            below.index = index
            index = child
        self.heap[index] = timer
        timer.index = index

    def take_due(self, now: float) -> Deadline | None:
        """Takes out the earliest timer if it is due at `now`."""
        due: Deadline | None = None
        guard.lock_more(self.gate)
        if self.heap and self.earliest <= now:
            due = self.heap[0]
            self.remove(due)
        guard.unlock(self.gate)
        return due

    def fire_due(self, now: float) -> bool:
        """Fires all that are due at `now`; whether there were any."""
        fired = False
        while self.earliest <= now:
            timer = self.take_due(now)
            if timer is None:
                break
            fired = True
            timer.fire(now)
        return fired

    def look(self) -> bool:
        """Fires all that are due, for who polls: it may be the only goroutine, and then nobody else looks."""
        return self.earliest < NEVER and self.fire_due(self.now())

    def advance(self) -> bool:
        """Under the virtual clock: jumps to the next deadline; false where there is none."""
        moved = False
        guard.lock_more(self.gate)
        if self.is_virtual and len(self.heap) > 0:
            if self.earliest > self.virtual_now:
                self.virtual_now = self.earliest
            moved = True
        guard.unlock(self.gate)
        return moved

    def any_pending(self) -> bool:
        """True if a timer is started, and so can make a goroutine runnable."""
        guard.lock_more(self.gate)
        count = len(self.heap)
        guard.unlock(self.gate)
        return count > 0

    def started(self) -> list[Any]:
        """All that are started, in no order; those that are started meanwhile may be missing."""
        guard.lock_more(self.gate)
        count = len(self.heap)
        guard.unlock(self.gate)
        found = borrow.slots(count)
        guard.lock_more(self.gate)
        filled = min(count, len(self.heap))
        for index in range(filled):
            borrow.put(found, index, self.heap[index])
        guard.unlock(self.gate)
        del found[filled:]
        return found

    def begin_run(self) -> None:
        """A call of `gofer.run` begins; there is one at a time."""
        self.runs += 1
        self.run = self.runs

    def end_run(self) -> None:
        """Stops what was started in the call of `gofer.run` that ends."""
        run = self.run
        self.run = 0
        for each in self.started():
            timer: Deadline = each
            if timer.run == run and not timer.lasting:
                self.stop(timer)

    def reset(self) -> None:
        """Stops them all, in the child of a fork, where a thread of the parent's may have held the guard."""
        self.gate = guard.make()
        for each in self.heap:
            timer: Deadline = each
            timer.index = -1
        self.heap = []
        self.earliest = NEVER
        self.run = 0


TIMERS = TimerHeap()
