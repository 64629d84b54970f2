"""A WaitGroup against a number: who waits is released when it comes to zero, all at once and never before."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from gofer import WaitGroupError, go
from gofer.sync import WaitGroup
from tests.model.stepping import SETTINGS, OneWorker, settle


class WaitGroupMachine(OneWorker):
    @initialize()
    def make(self) -> None:
        self.group = WaitGroup()
        self.counter = 0
        self.waiting = 0
        self.expected = 0
        self.released = 0

    @rule(delta=st.integers(-3, 3))
    def add(self, delta: int) -> None:
        try:
            self.group.add(delta)
        except WaitGroupError as error:
            assert str(error) == "sync: negative WaitGroup counter"
            assert self.counter + delta < 0
            return
        self.counter += delta
        assert self.counter >= 0
        self.release()

    @rule()
    def done(self) -> None:
        self.add(-1)

    @rule()
    def go(self) -> None:
        ran: list[int] = []
        self.group.go(ran.append, 1)
        settle()
        assert ran == [1]
        self.release()

    def release(self) -> None:
        if self.counter == 0:
            self.expected += self.waiting
            self.waiting = 0

    @rule()
    def wait(self) -> None:
        def body() -> None:
            self.group.wait()
            self.released += 1

        go(body)
        self.waiting += 1
        settle()
        self.release()

    @invariant()
    def agrees(self) -> None:
        settle()
        assert self.released == self.expected

    def teardown(self) -> None:
        self.add(-self.counter)
        settle()
        assert self.released == self.expected
        super().teardown()


TestWaitGroup = WaitGroupMachine.TestCase
TestWaitGroup.settings = SETTINGS
