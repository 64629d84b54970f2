"""Timers, under the virtual clock unless said otherwise."""

import gc
import weakref
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

import pytest

import gofer
from gofer import Chan, DeadlockError, context, recv, runtime, select, time
from gofer._core.sched.timers import TIMERS
from gofer.sync import WaitGroup


@pytest.mark.usefixtures("virtual_clock")
def test_sleepers_wake_in_the_order_of_their_deadlines() -> None:
    def main() -> list[int]:
        order: list[int] = []
        wg = WaitGroup()
        for hours in (5, 1, 3, 2, 4):
            wg.go(lambda hours=hours: (time.sleep(timedelta(hours=hours)), order.append(hours)))
        wg.wait()
        return order

    assert gofer.run(main) == [1, 2, 3, 4, 5]


@pytest.mark.usefixtures("virtual_clock")
def test_timer_stop_and_reset() -> None:
    def main() -> None:
        timer = time.Timer(10)
        assert timer.c is not None
        assert (len(timer.c), timer.stop(), timer.stop(), timer.reset(1)) == (0, True, False, False)
        assert timer.c.recv() > 0
        assert not timer.stop()
        timer.reset(1)
        time.sleep(2)
        assert timer.reset(5)  # fired, but not received: no stale value comes
        assert select(recv(timer.c), default=True).index == -1

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_ticker_ticks_and_drops_what_is_not_received() -> None:
    def main() -> None:
        ticker = time.Ticker(2)
        began = TIMERS.now()
        for _ in range(3):
            ticker.c.recv()
        assert TIMERS.now() - began == pytest.approx(6)
        time.sleep(20)
        ticker.c.recv()
        assert select(recv(ticker.c), default=True).index == -1
        ticker.reset(1)
        ticker.c.recv()
        ticker.stop()
        with pytest.raises(DeadlockError):
            ticker.c.recv()

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_after_func_runs_unless_stopped() -> None:
    def main() -> list[str]:
        done: Chan[str] = Chan(2)
        stopped = time.after_func(1, done.send, "stopped")
        time.after_func(2, done.send, "called")
        assert stopped.c is None
        assert stopped.stop()
        time.sleep(3)
        assert not stopped.stop()
        return [done.recv()]

    assert gofer.run(main) == ["called"]


@pytest.mark.usefixtures("virtual_clock")
def test_a_timer_nobody_waits_on_does_not_hide_a_deadlock() -> None:
    timer = time.Timer(100)
    with pytest.raises(DeadlockError):
        gofer.run(Chan().recv)
    timer.stop()


@pytest.mark.usefixtures("virtual_clock")
def test_what_is_received_is_the_time_at_which_it_was_due() -> None:
    def main() -> None:
        timer, ticker = time.after(1), time.Ticker(2)
        time.sleep(7)
        for channel, late in ((timer, 6), (ticker.c, 5)):  # the first tick; those after it were dropped
            assert time.now() - channel.recv() == pytest.approx(late, abs=0.9)
        time.sleep(1.5)
        assert time.now() - ticker.c.recv() == pytest.approx(0.5, abs=0.4)

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_a_ticker_has_the_period_of_its_last_reset() -> None:
    def moments(ticker: time.Ticker, count: int) -> list[float]:
        began = TIMERS.now()
        found = []
        for _ in range(count):
            ticker.c.recv()
            found.append(TIMERS.now() - began)
        return found

    def main() -> None:
        ticker = time.Ticker(5)
        assert moments(ticker, 2) == pytest.approx([5, 10])
        ticker.reset(3)
        assert moments(ticker, 3) == pytest.approx([3, 6, 9])
        ticker.stop()
        ticker.reset(7)
        assert moments(ticker, 2) == pytest.approx([7, 14])

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_a_channel_shows_length_and_capacity_0() -> None:
    def main() -> None:
        channels = [time.after(1), time.tick(1), time.Timer(1).c, time.Ticker(1).c]
        for _ in range(2):
            for channel in channels:
                assert channel is not None
                assert (len(channel), channel.capacity, len(channel.chan), channel.chan.capacity) == (0, 0, 0, 0)
                assert repr(channel) == "<RecvChan of <Chan 0/0>>"
            time.sleep(5)

    gofer.run(main)


FORGOTTEN: list[Callable[[], object]] = [
    lambda: time.after(3600).chan,
    lambda: time.Timer(3600).c.chan,  # type: ignore[union-attr]
    lambda: time.Ticker(3600).c.chan,
    lambda: time.tick(3600).chan,  # type: ignore[union-attr]
]


@pytest.mark.parametrize("make", FORGOTTEN)
@pytest.mark.parametrize("waited", [False, True])
def test_a_timer_nobody_refers_to_is_freed_at_once(make: Callable[[], Any], waited: bool) -> None:
    def main() -> None:
        ch: Chan[int] = Chan()
        chan = make()
        if waited:
            gofer.go(ch.send, 1)
            assert select(recv(ch), recv(chan)).index == 0
        seen = weakref.ref(chan)
        gc.disable()
        try:
            del chan
            assert seen() is None
        finally:
            gc.enable()

    gofer.run(main)


class Actor:
    """Starts things, with a value of a variable of its own, and sees as whom they are called."""

    variable: ContextVar[str] = ContextVar("variable", default="unset")

    def __init__(self) -> None:
        self.seen: Chan[tuple[str, str | None, int]] = Chan(1)

    def called(self) -> None:
        (me,) = [g for g in runtime.goroutines() if g.id == runtime.goid()]
        self.seen.send((self.variable.get(), me.created_by, me.parent_id))

    def start(self, how: Callable[[Callable[[], None]], object], told: Chan[int]) -> None:
        self.variable.set("starter")
        how(self.called)
        self.variable.set("later")
        told.send(runtime.goid())


def deadline(function: Callable[[], None]) -> None:
    context.after_func(context.with_timeout(context.background(), 5), function)


def cancellation(function: Callable[[], None]) -> None:
    ctx = context.with_cancel(context.background())
    context.after_func(ctx, function)
    time.after_func(5, ctx.cancel)


ABANDONED: list[time.Timer] = []


def start_again(function: Callable[[], None]) -> None:
    ABANDONED.append(time.after_func(3600, function))
    ABANDONED[-1].reset(5)


def begin(function: Callable[[], None]) -> None:
    time.after_func(5, function)


@pytest.mark.usefixtures("virtual_clock")
@pytest.mark.parametrize("how", [begin, start_again, deadline, cancellation])
def test_a_function_is_called_as_by_who_started_it(how: Callable[[Callable[[], None]], object]) -> None:
    def main() -> tuple[tuple[str, str | None, int], int]:
        actor, told = Actor(), Chan[int]()

        def stranger() -> None:
            Actor.variable.set("stranger")
            TIMERS.elapse(10.0)
            TIMERS.fire_due(TIMERS.now())

        gofer.go(actor.start, how, told)
        starter = told.recv()
        gofer.go(stranger)
        return actor.seen.recv(), starter

    (variable, created_by, parent), starter = gofer.run(main)
    assert (variable, created_by, parent) == ("starter", how.__name__, starter)


@pytest.mark.usefixtures("virtual_clock")
def test_who_resets_a_function_has_it_called_as_his() -> None:
    def main() -> str:
        actor = Actor()
        actor.variable.set("starter")
        timer = time.after_func(5, actor.called)

        def reset() -> None:
            actor.variable.set("resetter")
            assert timer.reset(6)

        gofer.go(reset)
        return actor.seen.recv()[0]

    assert gofer.run(main) == "resetter"


def test_tick_and_bad_durations() -> None:
    assert time.tick(0) is None
    with pytest.raises(ValueError, match="^non-positive interval for NewTicker$"):
        time.Ticker(0)
    with pytest.raises(TypeError, match="duration"):
        time.sleep("1")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="NaN"):
        time.sleep(float("nan"))
    with pytest.raises(TypeError, match="not callable"):
        time.after_func(1, None)  # type: ignore[arg-type]


def test_real_time_passes() -> None:
    began = time.monotonic()
    gofer.run(time.sleep, 0.02)
    assert time.monotonic() - began >= 0.02
