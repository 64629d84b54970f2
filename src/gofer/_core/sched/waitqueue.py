"""Wait queues: who waits for the same, first come first served."""

from __future__ import annotations

from gofer._core.machine import borrow
from gofer._core.sched import borrowed
from gofer._core.sched.goroutine import Goroutine, Waiter


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


def new_queue() -> WaitQueue:
    """An empty queue."""
    queue: WaitQueue = WaitQueue.__new__(WaitQueue) if borrow.COMPILED else WaitQueue()
    return queue
