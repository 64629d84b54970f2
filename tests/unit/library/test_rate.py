"""rate.Limiter, under the virtual clock."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gofer
from gofer import Chan, DeadlockError, context, go, rate, time
from gofer._core.sched.timers import TIMERS
from gofer.context import Canceled
from gofer.rate import Inf, Limiter, RateError

pytestmark = pytest.mark.usefixtures("virtual_clock")
BACKGROUND = context.background()


def test_allow() -> None:
    def main() -> None:
        limiter = Limiter(10, 3)
        assert [limiter.allow() for _ in range(4)] == [True, True, True, False]
        time.sleep(0.1001)
        assert [limiter.allow(), limiter.allow()] == [True, False]
        time.sleep(100)
        assert limiter.tokens() == 3
        assert not limiter.allow(4)
        assert limiter.allow(3)
        assert (limiter.limit, limiter.burst) == (10, 3)

    gofer.run(main)


def test_extremes() -> None:
    def main() -> None:
        assert all(Limiter(Inf, 0).allow(100) for _ in range(100))
        nothing = Limiter(0, 2)
        assert [nothing.allow(), nothing.allow(), nothing.allow()] == [True, True, False]
        time.sleep(1e6)
        assert not nothing.allow()
        with pytest.raises(DeadlockError):
            nothing.wait(BACKGROUND)
        assert (rate.every(0.25), rate.every(0)) == (4, Inf)
        for wrong in ("1", float("nan"), True):
            with pytest.raises(TypeError, match="a limit is"):
                Limiter(wrong, 1)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="negative"):
            Limiter(1, -1)

    gofer.run(main)


def test_wait_spaces_events() -> None:
    def main() -> None:
        limiter, began = Limiter(2, 1), TIMERS.now()
        moments = []
        for _ in range(4):
            limiter.wait(BACKGROUND)
            moments.append(TIMERS.now() - began)
        assert moments == pytest.approx([0, 0.5, 1, 1.5])

    gofer.run(main)


def test_wait_that_cannot_succeed() -> None:
    def main() -> None:
        limiter = Limiter(1, 3)
        with pytest.raises(RateError, match=r"^rate: Wait\(n=5\) exceeds limiter's burst 3$"):
            limiter.wait(BACKGROUND, 5)
        limiter.wait(BACKGROUND, 3)
        with (
            context.with_timeout(BACKGROUND, 0.5) as ctx,
            pytest.raises(RateError, match=r"^rate: Wait\(n=1\) would exceed context deadline$"),
        ):
            limiter.wait(ctx)
        ended = context.with_cancel(BACKGROUND)
        ended.cancel()
        with pytest.raises(Canceled):
            limiter.wait(ended)
        assert limiter.tokens() == pytest.approx(0)

    gofer.run(main)


def test_a_cancelled_wait_gives_its_tokens_back() -> None:
    def main() -> None:
        limiter = Limiter(1, 1)
        limiter.wait(BACKGROUND)
        ctx = context.with_cancel(BACKGROUND)
        ended: Chan[None] = Chan()

        def wait() -> None:
            with pytest.raises(Canceled):
                limiter.wait(ctx)
            ended.send(None)

        go(wait)
        time.sleep(0.25)
        assert limiter.tokens() == pytest.approx(-0.75)
        ctx.cancel()
        ended.recv()
        assert limiter.tokens() == pytest.approx(0.25)

    gofer.run(main)


def test_reservations() -> None:
    def main() -> None:
        limiter = Limiter(10, 2)
        assert not limiter.reserve(3).ok
        assert limiter.reserve(3).delay() == Inf
        first = limiter.reserve(2)
        assert (first.ok, first.delay()) == (True, 0)
        second = limiter.reserve(2)
        third = limiter.reserve(1)
        assert [second.delay(), third.delay()] == pytest.approx([0.2, 0.3])
        second.cancel()  # one of its two tokens is what the third counts on
        assert limiter.tokens() == pytest.approx(-2)
        third.cancel()
        assert limiter.tokens() == pytest.approx(-1)
        time.sleep(10)
        second.cancel()
        assert limiter.tokens() == 2

    gofer.run(main)


def test_changes() -> None:
    def main() -> None:
        limiter = Limiter(1, 1)
        assert limiter.allow()
        limiter.set_limit(100)
        time.sleep(0.011)
        assert limiter.allow()
        limiter.set_burst(50)
        time.sleep(1)
        assert limiter.allow(50)
        assert not limiter.allow()

    gofer.run(main)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 20),
    st.integers(1, 10),
    st.lists(st.tuples(st.integers(1, 5), st.floats(0, 2)), max_size=30),
)
def test_never_more_than_the_rate(limit: int, burst: int, steps: list[tuple[int, float]]) -> None:
    """In any window, at most the burst and what the rate adds."""
    TIMERS.set_virtual(True)

    def main() -> None:
        limiter = Limiter(limit, burst)
        allowed: list[tuple[float, int]] = []
        for n, pause in steps:
            if limiter.allow(n):
                allowed.append((TIMERS.now(), n))
            if pause:
                time.sleep(pause)
        for i, (start, _) in enumerate(allowed):
            for j in range(i, len(allowed)):
                events = sum(n for _, n in allowed[i : j + 1])
                assert events <= burst + limit * (allowed[j][0] - start) + 1e-6

    gofer.run(main)
