"""Timers, tickers, functions and deadlines against a table of moments, under the virtual clock.

Time passes in two ways: `sleep` lets everything happen at its moment, `compute` keeps the only worker busy, so that
what is due meanwhile is late. Moments lie a quarter after whole numbers of seconds and the clock is read at whole ones:
no two compete.
"""

from __future__ import annotations

import gc
import weakref
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from gofer import DEFAULT, Chan, context, go, recv, select, time
from gofer._core.sched.timers import TIMERS
from tests.model.stepping import SETTINGS, OneWorker, settle

durations = st.integers(0, 20).map(lambda seconds: seconds + 0.25)
periods = st.integers(1, 7).map(float)
numbers = st.integers(0, 100)
starter: ContextVar[int] = ContextVar("starter", default=-1)


class Finalizing:
    """Goes with a function's arguments, and uses timers when it does."""

    def __del__(self) -> None:
        time.after_func(1, int).stop()
        select(recv(time.after(0)), recv(time.tick(1)), default=True)


@dataclass
class Line:
    """A channel that a timer or ticker delivers on: a value is there from `when` on."""

    view: Any
    timer: Any = None  # what can be stopped and reset
    when: float | None = None
    period: float = 0.0
    waiting: list[int] = field(default_factory=list)

    def take(self, now: float) -> bool:
        """Whether a value is there; it is not after this."""
        if self.when is None or self.when > now:
            return False
        missed = (now - self.when) // self.period if self.period else 0
        self.when = self.when + (missed + 1) * self.period if self.period else None
        return True


@dataclass
class Function:
    """Is to be called at `when`, as by the starter."""

    timer: time.Timer
    when: float | None
    starter: int


class TimerMachine(OneWorker):
    @initialize()
    def make(self) -> None:
        TIMERS.set_virtual(True)
        gc.collect()
        self.pending = len(TIMERS.started())
        self.now = 0.0
        self.functions: list[Function] = []
        self.lines: list[Line] = []
        self.contexts: list[tuple[context.CancelContext, float | None]] = []
        self.calls: list[tuple[int, int]] = []
        self.called: list[tuple[int, int]] = []
        self.quits: list[Chan[None]] = []
        self.served: list[int] = []
        self.expected: list[int] = []

    def begin(self, choice: int) -> int:
        """Whoever starts something now has this value of the variable."""
        starter.set(choice)
        return choice

    @rule(d=durations, by=numbers)
    def call(self, d: float, by: int) -> None:
        number = len(self.functions)

        def called(_: Finalizing) -> None:
            self.calls.append((number, starter.get()))

        who = self.begin(by)
        self.functions.append(Function(time.after_func(d, called, Finalizing()), self.now + d, who))

    @rule(d=durations, forgettable=st.booleans())
    def deliver(self, d: float, forgettable: bool) -> None:
        timer = None if forgettable else time.Timer(d)
        self.lines.append(Line(time.after(d) if timer is None else timer.c, timer, self.now + d))

    @rule(d=periods, forgettable=st.booleans())
    def tick(self, d: float, forgettable: bool) -> None:
        time.sleep(0.25)
        self.pass_to(self.now + 0.25)
        ticker = None if forgettable else time.Ticker(d)
        self.lines.append(Line(time.tick(d) if ticker is None else ticker.c, ticker, self.now + d, d))
        time.sleep(0.75)
        self.pass_to(self.now + 0.75)

    @rule(d=durations)
    def deadline(self, d: float) -> None:
        self.contexts.append((context.with_timeout(context.background(), d), self.now + d))

    @rule(choice=numbers)
    def cancel(self, choice: int) -> None:
        if self.contexts:
            number = choice % len(self.contexts)
            ctx, _ = self.contexts[number]
            if ctx.err() is None:
                ctx.cancel()
                self.contexts[number] = ctx, None

    @rule(choice=numbers)
    def stop(self, choice: int) -> None:
        for function in self.functions[choice : choice + 1]:
            assert function.timer.stop() == (function.when is not None)
            function.when = None
        for line in self.lines[choice : choice + 1]:
            if line.timer is not None:
                assert line.timer.stop() in (line.when is not None, None)
                line.when = None

    @rule(choice=numbers, d=durations, by=numbers)
    def reset(self, choice: int, d: float, by: int) -> None:
        who = self.begin(by)
        for function in self.functions[choice : choice + 1]:
            assert function.timer.reset(d) == (function.when is not None)
            function.when, function.starter = self.now + d, who
        for line in self.lines[choice : choice + 1]:
            if line.timer is not None and not line.period:
                assert line.timer.reset(d) == (line.when is not None)
                line.when = self.now + d

    @rule(choice=numbers, d=periods)
    def reset_ticker(self, choice: int, d: float) -> None:
        tickers = [line for line in self.lines if line.timer is not None and line.period]
        if tickers:
            line = tickers[choice % len(tickers)]
            time.sleep(0.25)
            self.pass_to(self.now + 0.25)
            line.timer.reset(d)
            line.when, line.period = self.now + d, d
            time.sleep(0.75)
            self.pass_to(self.now + 0.75)

    @rule(choice=numbers)
    def receive(self, choice: int) -> None:
        if self.lines:
            line = self.lines[choice % len(self.lines)]
            got = select(recv(line.view), default=True)
            assert (got.index != DEFAULT) == (not line.waiting and line.take(self.now))

    @rule(choice=numbers, other=numbers)
    def wait(self, choice: int, other: int) -> None:
        """A goroutine waits on a channel, plainly or beside another one, until that is closed."""
        if not self.lines:
            return
        line = self.lines[choice % len(self.lines)]
        number = len(self.quits)
        quit_: Chan[None] = Chan()

        def work() -> None:
            if select(recv(line.view), recv(quit_)).index == 0:
                self.served.append(number)

        self.quits.append(quit_)
        go(work)
        settle()
        if not line.waiting and line.take(self.now):
            self.expected.append(number)
        else:
            line.waiting.append(number)

    @rule(choice=numbers)
    def leave(self, choice: int) -> None:
        waiting = [(line, number) for line in self.lines for number in line.waiting]
        if waiting:
            line, number = waiting[choice % len(waiting)]
            self.quits[number].close()
            settle()
            line.waiting.remove(number)

    @rule(choice=numbers)
    def forget(self, choice: int) -> None:
        """What nobody waits on is gone with the last reference, long before it would be due."""
        idle = [line for line in self.lines if not line.waiting]
        if idle:
            line = idle[choice % len(idle)]
            self.lines.remove(line)
            seen = weakref.ref(line.view.chan)
            line.view = line.timer = None
            assert seen() is None

    @rule(seconds=st.integers(1, 12))
    def sleep(self, seconds: int) -> None:
        time.sleep(seconds)
        self.pass_to(self.now + seconds)

    def pass_to(self, end: float) -> None:
        """Everything happens in time until then."""
        while True:
            moments = [f.when for f in self.functions if f.when is not None and f.when <= end]
            moments += [line.when for line in self.lines if line.waiting and line.when is not None and line.when <= end]
            if not moments:
                break
            self.now = max(min(moments), self.now)
            self.look()
        self.now = end
        settle()

    def look(self) -> None:
        """What is due by now happens."""
        for line in self.lines:
            if line.waiting and line.take(self.now):
                self.expected.append(line.waiting.pop(0))
        for number, function in enumerate(self.functions):
            if function.when is not None and function.when <= self.now:
                self.called.append((number, function.starter))
                function.when = None

    @rule(seconds=st.integers(1, 12))
    def compute(self, seconds: int) -> None:
        """Nobody else runs; who polls sees what is due all the same, and then it happens, late."""
        TIMERS.elapse(float(seconds))
        self.now += seconds
        for line in self.lines:
            if not line.waiting:
                got = select(recv(line.view), default=True)
                assert (got.index != DEFAULT) == line.take(self.now)
        self.check_contexts()
        self.look()
        TIMERS.fire_due(TIMERS.now())
        settle()

    def check_contexts(self) -> None:
        for ctx, when in self.contexts:
            expected: Any = context.Canceled
            if when is not None:
                expected = context.DeadlineExceeded if when <= self.now else type(None)
            assert type(ctx.err()) is expected
            assert (select(recv(ctx.done()), default=True).index == 0) == (expected is not type(None))

    @invariant()
    def agrees(self) -> None:
        settle()
        assert sorted(self.calls) == sorted(self.called)
        assert self.served == self.expected or sorted(self.served) == sorted(self.expected)
        self.check_contexts()
        for line in self.lines:
            assert (len(line.view), line.view.capacity, len(line.view.chan), line.view.chan.capacity) == (0, 0, 0, 0)

    @invariant()
    def only_what_can_wake_somebody_is_pending(self) -> None:
        settle()
        count = sum(function.when is not None for function in self.functions)
        count += sum(line.when is not None for line in self.lines if line.waiting)
        count += sum(when is not None and when > self.now for _, when in self.contexts)
        assert len(TIMERS.started()) - self.pending == count

    def teardown(self) -> None:
        for function in self.functions:
            function.timer.stop()
        for ctx, _ in self.contexts:
            ctx.cancel()
        for quit_ in self.quits:
            if not quit_.closed:
                quit_.close()
        settle()
        TIMERS.set_virtual(False)
        super().teardown()


TestTimers = TimerMachine.TestCase
TestTimers.settings = SETTINGS
