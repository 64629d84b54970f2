"""Select against lists: any number of goroutines wait in selects, and every step serves the one that the model says."""

from __future__ import annotations

from collections import deque
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from gofer import DEFAULT, Chan, ClosedChannelError, go, recv, select, send
from tests.model.stepping import SETTINGS, OneWorker, settle

CHANNELS = 3
CLOSED = "send on closed channel"
Case = tuple[int, bool, int]  # channel, whether it sends, value
cases = st.lists(
    st.tuples(st.integers(0, CHANNELS - 1), st.booleans(), st.integers(0, 9)),
    min_size=1,
    max_size=CHANNELS,
    unique_by=lambda case: case[0],  # no goroutine meets itself on a channel
)


class SelectMachine(OneWorker):
    @initialize(capacities=st.tuples(*[st.integers(0, 2)] * CHANNELS))
    def make(self, capacities: tuple[int, ...]) -> None:
        self.chans: list[Chan[int]] = [Chan(capacity, zero=-1) for capacity in capacities]
        self.buffers: list[deque[int]] = [deque() for _ in capacities]
        self.open = [True] * CHANNELS
        self.waiting: list[tuple[int, list[Case]]] = []  # in the order in which they began to wait
        self.expected: dict[int, Any] = {}
        self.got: dict[int, Any] = {}
        self.count = 0

    def real(self, wanted: list[Case]) -> list[Any]:
        return [send(self.chans[c], value) if sends else recv(self.chans[c]) for c, sends, value in wanted]

    def who_waits(self, chan: int, sends: bool) -> tuple[int, int, int] | None:
        """The first who waits to send on, or receive from, a channel: its number, the case's position, the value."""
        for number, wanted in self.waiting:
            for index, (c, s, value) in enumerate(wanted):
                if (c, s) == (chan, sends):
                    return number, index, value
        return None

    def serve(self, number: int, result: Any) -> None:
        self.waiting = [entry for entry in self.waiting if entry[0] != number]
        self.expected[number] = result

    def is_ready(self, case: Case) -> bool:
        chan, sends, _ = case
        if not self.open[chan] or self.who_waits(chan, not sends) is not None:
            return True
        room = len(self.buffers[chan]) < self.chans[chan].capacity
        return room if sends else bool(self.buffers[chan])

    def perform(self, case: Case, index: int) -> Any:
        """What a ready case yields, done to the model."""
        chan, sends, value = case
        buffer = self.buffers[chan]
        peer = self.who_waits(chan, not sends)
        if sends:
            if not self.open[chan]:
                return CLOSED
            if peer is not None:
                self.serve(peer[0], (peer[1], value, True))
            else:
                buffer.append(value)
            return (index, None, True)
        if peer is not None:
            self.serve(peer[0], (peer[1], None, True))
            buffer.append(peer[2])
        return (index, buffer.popleft(), True) if buffer else (index, -1, False)

    def check(self, wanted: list[Case], result: Any) -> None:
        """`result` is that of one of the cases that were ready."""
        ready = [index for index, case in enumerate(wanted) if self.is_ready(case)]
        if result == CLOSED:
            assert any(wanted[index][1] and not self.open[wanted[index][0]] for index in ready)
        else:
            assert result[0] in ready
            assert result == self.perform(wanted[result[0]], result[0])

    @rule(wanted=cases)
    def attempt(self, wanted: list[Case]) -> None:
        try:
            result: Any = tuple(select(*self.real(wanted), default=True))
        except ClosedChannelError:
            result = CLOSED
        if any(self.is_ready(case) for case in wanted):
            self.check(wanted, result)
        else:
            assert result == (DEFAULT, None, False)

    @rule(wanted=cases)
    def wait(self, wanted: list[Case]) -> None:
        number = self.count
        self.count += 1

        def body() -> None:
            try:
                self.got[number] = tuple(select(*self.real(wanted)))
            except ClosedChannelError:
                self.got[number] = CLOSED

        go(body)
        settle()
        if any(self.is_ready(case) for case in wanted):
            self.expected[number] = self.got[number]
            self.check(wanted, self.got[number])
        else:
            self.waiting.append((number, wanted))

    @rule(chan=st.integers(0, CHANNELS - 1))
    def close(self, chan: int) -> None:
        if not self.open[chan]:
            return
        self.chans[chan].close()
        self.open[chan] = False
        while (receiver := self.who_waits(chan, False)) is not None:
            self.serve(receiver[0], (receiver[1], -1, False))
        while (sender := self.who_waits(chan, True)) is not None:
            self.serve(sender[0], CLOSED)

    @invariant()
    def agrees(self) -> None:
        settle()
        assert self.got == self.expected
        assert [len(chan) for chan in self.chans] == [len(buffer) for buffer in self.buffers]

    def teardown(self) -> None:
        for chan in range(CHANNELS):
            self.close(chan)
        settle()
        assert not self.waiting
        assert self.got == self.expected
        super().teardown()


TestSelect = SelectMachine.TestCase
TestSelect.settings = SETTINGS
