"""A semaphore against a queue: first come, first served, however much the first one wants."""

from __future__ import annotations

from collections import OrderedDict

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from gofer import Panic, context, go
from gofer.semaphore import Weighted
from tests.model.stepping import SETTINGS, OneWorker, settle

SIZE = 5


class SemaphoreMachine(OneWorker):
    @initialize()
    def make(self) -> None:
        self.semaphore = Weighted(SIZE)
        self.held = 0
        self.count = 0
        self.waiting: OrderedDict[int, int] = OrderedDict()
        self.doomed: set[int] = set()
        self.contexts: dict[int, context.CancelContext] = {}
        self.expected: list[int] = []
        self.got: list[int] = []
        self.expected_errors: set[int] = set()
        self.errors: set[int] = set()

    @rule(units=st.integers(0, SIZE + 1))
    def acquire(self, units: int) -> None:
        n = self.count
        self.count += 1
        ctx = self.contexts[n] = context.with_cancel(context.background())

        def body() -> None:
            try:
                self.semaphore.acquire(ctx, units)
            except context.Canceled:
                self.errors.add(n)
            else:
                self.got.append(n)

        go(body)
        settle()
        if units > SIZE:
            self.doomed.add(n)
        elif self.waiting or self.held + units > SIZE:
            self.waiting[n] = units
        else:
            self.held += units
            self.expected.append(n)

    @rule(units=st.integers(0, SIZE))
    def try_acquire(self, units: int) -> None:
        free = not self.waiting and self.held + units <= SIZE
        assert self.semaphore.try_acquire(units) == free
        self.held += units if free else 0

    @rule(units=st.integers(0, SIZE))
    def release(self, units: int) -> None:
        if units > self.held:
            with pytest.raises(Panic, match="^semaphore: released more than held$"):
                self.semaphore.release(units)
            return
        self.semaphore.release(units)
        self.held -= units
        self.admit()

    def admit(self) -> None:
        while self.waiting:
            n, units = next(iter(self.waiting.items()))
            if self.held + units > SIZE:
                break
            del self.waiting[n]
            self.held += units
            self.expected.append(n)

    @precondition(lambda self: self.waiting or self.doomed)
    @rule(choice=st.integers(0, 100))
    def give_up(self, choice: int) -> None:
        candidates = [*self.waiting, *sorted(self.doomed)]
        n = candidates[choice % len(candidates)]
        self.contexts[n].cancel()
        self.waiting.pop(n, None)
        self.doomed.discard(n)
        self.expected_errors.add(n)
        self.admit()

    @invariant()
    def agrees(self) -> None:
        settle()
        assert sorted(self.got) == sorted(self.expected)
        assert self.errors == self.expected_errors
        assert repr(self.semaphore) == f"<Weighted {self.held}/{SIZE}>"

    def teardown(self) -> None:
        while self.waiting or self.doomed:
            self.give_up(0)
            self.agrees()
        self.release(self.held)
        self.agrees()
        super().teardown()


TestSemaphore = SemaphoreMachine.TestCase
TestSemaphore.settings = SETTINGS
