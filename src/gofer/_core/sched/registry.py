"""Registries: what keeps goroutines alive, and knows them all."""

from __future__ import annotations

from gofer._core.machine import borrow, guard
from gofer._core.sched import borrowed
from gofer._core.sched.goroutine import Goroutine


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
