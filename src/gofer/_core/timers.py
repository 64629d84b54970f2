"""Timers: a binary heap by deadline, and the clock that it goes by.

`gate` protects the heap. A timer knows its place in it (`index`, -1 where it is in none), so stopping one does not
search. Timers are fired outside the guard, by whichever worker finds them due: between goroutines, or when idle.
`earliest` is read without the guard, as a hint.

With a virtual clock time stands still while anything can run, and jumps to the next deadline when nothing can: tests
that sleep for hours take no time and do not depend on the machine's.
"""

from __future__ import annotations

from typing import Any

from gofer._core import clock, guard
from gofer._core.borrow import Size

NEVER = float("inf")


class Timer:
    """Something to be fired at a moment of the clock."""

    def __init__(self) -> None:
        self.when = 0.0
        self.index = -1

    def fire(self) -> None:
        """What happens at the deadline: brief, on the stack of whoever noticed."""
        raise NotImplementedError(type(self).__name__)

    def can_wake(self) -> bool:
        """Whether its firing can make a goroutine runnable; where none can, blocked goroutines are deadlocked."""
        return True


class TimerHeap:
    """All timers that are started; `TIMERS` is the one instance."""

    def __init__(self) -> None:
        self.gate = guard.make()
        self.heap: list[Any] = []
        self.earliest = NEVER
        self.is_virtual = False
        self.virtual_now = 0.0

    def now(self) -> float:
        """The clock in seconds: `time.monotonic`'s, or the virtual one's."""
        if self.is_virtual:
            return self.virtual_now
        return clock.monotonic()

    def set_virtual(self, on: bool) -> None:
        """Switches to a virtual clock that starts at the present, or back."""
        self.virtual_now = clock.monotonic()
        self.is_virtual = on

    def start(self, timer: Timer, when: float) -> bool:
        """(Re)starts a timer; whether it is the earliest now, so that who waits must wait less."""
        guard.lock(self.gate)
        self.remove(timer)
        timer.when = when
        self.heap.append(timer)
        self.sift_up(len(self.heap) - 1, timer)
        first: Timer = self.heap[0]
        self.earliest = first.when
        guard.unlock(self.gate)
        return first is timer

    def stop(self, timer: Timer) -> bool:
        """Stops a timer; whether it was started and had not fired."""
        guard.lock(self.gate)
        stopped = self.remove(timer)
        guard.unlock(self.gate)
        return stopped

    def remove(self, timer: Timer) -> bool:
        index = timer.index
        if index < 0:
            return False
        timer.index = -1
        last: Timer = self.heap.pop()
        if last is not timer:
            self.sift_up(index, last)
            if last.index == index:
                self.sift_down(index, last)
        if self.heap:
            first: Timer = self.heap[0]
            self.earliest = first.when
        else:
            self.earliest = NEVER
        return True

    def sift_up(self, index: Size, timer: Timer) -> None:
        while index > 0:
            parent = (index - 1) // 2
            above: Timer = self.heap[parent]
            if above.when <= timer.when:
                break
            self.heap[index] = above
            above.index = index
            index = parent
        self.heap[index] = timer
        timer.index = index

    def sift_down(self, index: Size, timer: Timer) -> None:
        while True:
            child = 2 * index + 1
            if child >= len(self.heap):
                break
            below: Timer = self.heap[child]
            right = child + 1
            if right < len(self.heap):
                other: Timer = self.heap[right]
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

    def take_due(self) -> Timer | None:
        """Takes out the earliest timer if it is due."""
        now = self.now()
        due: Timer | None = None
        guard.lock(self.gate)
        if self.heap and self.earliest <= now:
            due = self.heap[0]
            self.remove(due)
        guard.unlock(self.gate)
        return due

    def fire_due(self) -> bool:
        """Fires all that are due; whether there were any."""
        fired = False
        while self.earliest <= self.now():
            timer = self.take_due()
            if timer is None:
                break
            fired = True
            timer.fire()
        return fired

    def advance(self) -> bool:
        """Under the virtual clock: jumps to the next deadline; false where there is none."""
        moved = False
        guard.lock(self.gate)
        if self.is_virtual and self.earliest < NEVER:
            if self.earliest > self.virtual_now:
                self.virtual_now = self.earliest
            moved = True
        guard.unlock(self.gate)
        return moved

    def any_can_wake(self) -> bool:
        """Whether a timer is started whose firing can make a goroutine runnable."""
        guard.lock(self.gate)
        started: list[Any] = list(self.heap)
        guard.unlock(self.gate)
        for timer in started:
            if timer.can_wake():
                return True
        return False

    def clear(self) -> None:
        """Stops them all."""
        guard.lock(self.gate)
        dropped = self.heap
        self.heap = []
        self.earliest = NEVER
        guard.unlock(self.gate)
        for timer in dropped:
            dropped_timer: Timer = timer
            dropped_timer.index = -1


TIMERS = TimerHeap()
