"""A Cond against two queues: those who wait for a signal, and those who have had one and want the lock."""

from __future__ import annotations

from collections import deque

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from gofer import go
from gofer.sync import Cond, Mutex
from tests.model.stepping import SETTINGS, OneWorker, settle


class CondMachine(OneWorker):
    @initialize()
    def make(self) -> None:
        self.cond = Cond(Mutex())
        self.held = False
        self.count = 0
        self.level = 0
        self.waiting: deque[tuple[int, int]] = deque()  # who, and the level it waits for; 0: any signal will do
        self.woken: list[tuple[int, int]] = []
        self.expected: list[int] = []
        self.got: list[int] = []

    @precondition(lambda self: not self.held)
    @rule(level=st.sampled_from([0, 0, 1, 2, 3]))
    def wait(self, level: int) -> None:
        self.count += 1
        n = self.count

        def body() -> None:
            with self.cond.lock:
                if level:
                    assert self.cond.wait_for(lambda: self.level >= level)
                else:
                    self.cond.wait()
                self.got.append(n)

        go(body)
        settle()
        if level and self.level >= level:
            self.expected.append(n)
        else:
            self.waiting.append((n, level))

    @rule()
    def raise_level(self) -> None:
        """Nobody hears of it before the next signal."""
        self.level += 1

    @rule()
    def signal(self) -> None:
        self.cond.signal()
        if self.waiting:
            self.woken.append(self.waiting.popleft())
        self.run()

    @rule()
    def broadcast(self) -> None:
        self.cond.broadcast()
        self.woken += self.waiting
        self.waiting.clear()
        self.run()

    @precondition(lambda self: not self.held)
    @rule()
    def hold(self) -> None:
        self.cond.lock.lock()
        self.held = True

    @precondition(lambda self: self.held)
    @rule()
    def let_go(self) -> None:
        self.cond.lock.unlock()
        self.held = False
        self.run()

    def run(self) -> None:
        """Those who are awake and get the lock, one after another, look, and go or wait again."""
        settle(3 + len(self.woken))
        if self.held:
            return
        for n, level in self.woken:
            if self.level >= level:
                self.expected.append(n)
            else:
                self.waiting.append((n, level))
        self.woken.clear()

    @invariant()
    def agrees(self) -> None:
        settle()
        assert sorted(self.got) == sorted(self.expected)

    def teardown(self) -> None:
        self.level = 10
        if self.held:
            self.let_go()
        self.broadcast()
        assert not self.waiting
        self.agrees()
        super().teardown()


TestCond = CondMachine.TestCase
TestCond.settings = SETTINGS
