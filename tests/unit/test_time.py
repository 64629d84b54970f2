"""Timers, under the virtual clock unless said otherwise."""

import gc
import weakref
from datetime import timedelta

import pytest

import gofer
from gofer import Chan, DeadlockError, recv, select, time
from gofer._core.timers import TIMERS
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


def test_a_ticker_nobody_refers_to_is_collected() -> None:
    ticker = time.Ticker(1000)
    seen = weakref.ref(ticker.c.chan)
    del ticker
    gc.collect()
    assert seen() is None


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
