"""Timers against a table of deadlines, under the virtual clock.

Deadlines lie a quarter after whole numbers of seconds and the clock is read at whole ones: no two moments compete.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from gofer import DEFAULT, recv, select, time
from gofer._core.timers import TIMERS
from tests.model.stepping import SETTINGS, OneWorker, settle

durations = st.integers(0, 20).map(lambda seconds: seconds + 0.25)


class TimerMachine(OneWorker):
    @initialize()
    def make(self) -> None:
        TIMERS.set_virtual(True)
        self.now = 0.0
        self.deadlines: dict[int, float] = {}
        self.functions: list[time.Timer] = []
        self.channels: list[time.Timer] = []
        self.fired: list[int] = []
        self.calls: list[int] = []
        self.delivered: set[int] = set()

    @rule(d=durations)
    def call(self, d: float) -> None:
        number = len(self.functions)
        self.functions.append(time.after_func(d, self.calls.append, number))
        self.deadlines[number] = self.now + d

    @rule(d=durations)
    def deliver(self, d: float) -> None:
        self.deadlines[-1 - len(self.channels)] = self.now + d
        self.channels.append(time.Timer(d))

    def timer(self, choice: int) -> tuple[int, time.Timer] | None:
        known = [*enumerate(self.functions), *((-1 - n, timer) for n, timer in enumerate(self.channels))]
        return known[choice % len(known)] if known else None

    @rule(choice=st.integers(0, 100))
    def stop(self, choice: int) -> None:
        if (found := self.timer(choice)) is not None:
            number, timer = found
            assert timer.stop() == self.forget(number)

    @rule(choice=st.integers(0, 100), d=durations)
    def reset(self, choice: int, d: float) -> None:
        if (found := self.timer(choice)) is not None:
            number, timer = found
            assert timer.reset(d) == self.forget(number)
            self.deadlines[number] = self.now + d

    def forget(self, number: int) -> bool:
        """Whether a timer was still to fire, or had a value that nobody has received."""
        was_unread = number in self.delivered
        self.delivered.discard(number)
        return self.deadlines.pop(number, None) is not None or was_unread

    @rule(choice=st.integers(0, 100))
    def receive(self, choice: int) -> None:
        if self.channels:
            number = choice % len(self.channels)
            got = select(recv(self.channels[number].c), default=True)
            assert (got.index != DEFAULT) == (-1 - number in self.delivered)
            self.delivered.discard(-1 - number)

    @rule(seconds=st.integers(1, 12))
    def advance(self, seconds: int) -> None:
        time.sleep(seconds)
        self.now += seconds
        due = sorted((when, number) for number, when in self.deadlines.items() if when <= self.now)
        for _, number in due:
            del self.deadlines[number]
            if number < 0:
                self.delivered.add(number)
            else:
                self.fired.append(number)
        settle()
        called = self.calls[len(self.calls) - sum(number >= 0 for _, number in due) :]
        moments = {number: when for when, number in due}
        assert [moments[number] for number in called] == sorted(moments[number] for number in called)

    @invariant()
    def agrees(self) -> None:
        settle()
        assert sorted(self.calls) == sorted(self.fired)

    def teardown(self) -> None:
        for timer in (*self.functions, *self.channels):
            timer.stop()
        TIMERS.set_virtual(False)
        super().teardown()


TestTimers = TimerMachine.TestCase
TestTimers.settings = SETTINGS
