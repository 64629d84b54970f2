"""A channel against a deque: every operation that does not block, in any order."""

from collections import deque

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gofer import DEFAULT, Chan, ClosedChannelError, recv, select, send


class ChanMachine(RuleBasedStateMachine):
    @initialize(capacity=st.integers(0, 4))
    def make(self, capacity: int) -> None:
        self.chan: Chan[int] = Chan(capacity, zero=-1)
        self.model: deque[int] = deque()
        self.open = True

    @rule(value=st.integers(0, 9))
    def send(self, value: int) -> None:
        try:
            sent = select(send(self.chan, value), default=True).index == 0
        except ClosedChannelError:
            assert not self.open
            return
        assert self.open
        assert sent == (len(self.model) < self.chan.capacity)
        if sent:
            self.model.append(value)

    @rule()
    def receive(self) -> None:
        got = select(recv(self.chan), default=True)
        if self.model:
            assert got == (0, self.model.popleft(), True)
        elif self.open:
            assert got.index == DEFAULT
        else:
            assert got == (0, -1, False)

    @rule()
    def close(self) -> None:
        try:
            self.chan.close()
            assert self.open
        except ClosedChannelError:
            assert not self.open
        self.open = False

    @invariant()
    def agrees(self) -> None:
        assert len(self.chan) == len(self.model)
        assert self.chan.closed != self.open


TestChan = ChanMachine.TestCase
TestChan.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
