"""semaphore.Weighted, and a model of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gofer
from gofer import Chan, DeadlockError, Panic, context, go, runtime
from gofer.context import Canceled, DeadlineExceeded
from gofer.semaphore import Weighted
from gofer.sync import WaitGroup

BACKGROUND = context.background()


def until(condition: Any) -> None:
    while not condition():
        runtime.gosched()


def test_counting() -> None:
    s = Weighted(2)
    s.acquire(BACKGROUND)
    assert [s.try_acquire(), s.try_acquire()] == [True, False]
    s.release(2)
    with pytest.raises(Panic, match=r"^semaphore: released more than held$"):
        s.release()
    assert s.try_acquire(2)
    for wrong, error in ((-1, ValueError), (1.5, TypeError)):
        with pytest.raises(error):
            s.acquire(BACKGROUND, wrong)  # type: ignore[arg-type]


def test_a_context_that_has_ended_gets_nothing() -> None:
    s = Weighted(2)
    ctx = context.with_cancel(BACKGROUND)
    ctx.cancel()
    with pytest.raises(Canceled):
        s.acquire(ctx)
    assert s.try_acquire(2)


@pytest.mark.usefixtures("virtual_clock")
def test_more_than_there_is_waits_for_the_context_only() -> None:
    def main() -> None:
        s = Weighted(2)
        with context.with_timeout(BACKGROUND, 10) as ctx:
            go(s.acquire, BACKGROUND, 0)
            with pytest.raises(DeadlineExceeded):
                s.acquire(ctx, 3)
        s.acquire(BACKGROUND, 2)  # the doomed one did not stand in the way
        with pytest.raises(DeadlockError):
            s.acquire(BACKGROUND, 3)

    gofer.run(main)


def test_a_large_request_is_not_starved() -> None:
    def main() -> None:
        s = Weighted(4)
        s.acquire(BACKGROUND, 3)
        got: Chan[str] = Chan(2)
        go(lambda: (s.acquire(BACKGROUND, 4), got.send("large")))
        until(lambda: not s.try_acquire(1) or s.release(1))
        go(lambda: (s.acquire(BACKGROUND, 1), got.send("small")))
        runtime.gosched()
        assert len(got) == 0
        s.release(3)
        assert got.recv() == "large"
        s.release(4)
        assert got.recv() == "small"

    gofer.run(main)


def test_who_gives_up_lets_others_in() -> None:
    def main() -> None:
        s = Weighted(2)
        s.acquire(BACKGROUND)
        ctx = context.with_cancel(BACKGROUND)
        told: Chan[str] = Chan(2)

        def large() -> None:
            try:
                s.acquire(ctx, 2)
            except Canceled:
                told.send("gave up")

        go(large)
        until(lambda: not s.try_acquire(1) or s.release(1))
        go(lambda: (s.acquire(BACKGROUND), told.send("small")))
        runtime.gosched()
        ctx.cancel()
        assert sorted([told.recv(), told.recv()]) == ["gave up", "small"]

    gofer.run(main)


@pytest.mark.parametrize("procs", [1, 4])
def test_never_more_than_there_is(procs: int) -> None:
    def main() -> None:
        s, lock, held = Weighted(5), threading.Lock(), [0, 0]
        wg = WaitGroup()

        def work(k: int) -> None:
            for n in range(20):
                want = (k + n) % 5 + 1
                try:
                    with context.with_timeout(BACKGROUND, 0 if n % 7 == 6 else 1000) as ctx:
                        s.acquire(ctx, want)
                except DeadlineExceeded:
                    continue
                with lock:
                    held[0] += want
                    held[1] = max(held)
                runtime.gosched()
                with lock:
                    held[0] -= want
                s.release(want)
            wg.done()

        wg.add(8)
        for k in range(6):
            go(work, k)
        for k in range(2):
            threading.Thread(target=work, args=(k,)).start()
        wg.wait()
        assert held[0] == 0
        assert held[1] <= 5
        assert s.try_acquire(5)

    before = runtime.gomaxprocs(procs)
    try:
        gofer.run(main)
    finally:
        runtime.gomaxprocs(before)


class Reference:
    """First come, first served, in ten lines."""

    def __init__(self, size: int) -> None:
        self.free = size
        self.waiting: list[tuple[int, int]] = []
        self.holding: dict[int, int] = {}

    def serve(self) -> None:
        while self.waiting and self.waiting[0][1] <= self.free:
            who, n = self.waiting.pop(0)
            self.free -= n
            self.holding[who] = n


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(["acquire", "release", "cancel"]), st.integers(1, 4)), max_size=25))
def test_against_the_reference(steps: list[tuple[str, int]]) -> None:
    def main() -> None:
        s, model, holding = Weighted(4), Reference(4), {}
        contexts = {}

        def hold(who: int, n: int) -> None:
            try:
                s.acquire(contexts[who], n)
            except Canceled:
                return
            holding[who] = n

        for who, (step, n) in enumerate(steps):
            if step == "acquire":
                contexts[who] = context.with_cancel(BACKGROUND)
                model.waiting.append((who, n))
                go(hold, who, n)
            elif step == "release" and model.holding:
                first = next(iter(model.holding))
                model.free += model.holding.pop(first)
                s.release(holding.pop(first))
            elif step == "cancel" and model.waiting:
                gone = model.waiting.pop(n % len(model.waiting))[0]
                contexts[gone].cancel()
            model.serve()
            for turn in range(100_000):  # most of them only where the system keeps a thread from running
                if turn >= 4 and holding == model.holding:
                    break
                runtime.gosched()
            assert holding == model.holding

    before = runtime.gomaxprocs(1)
    try:
        gofer.run(main)
    finally:
        runtime.gomaxprocs(before)
