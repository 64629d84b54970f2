"""Timers that several workers and threads start, stop, reset and wait on: each start has one outcome.

It is received once, or the next `stop` or `reset` says that it was still to come; so no value is lost, none comes
twice, and none comes from before a reset.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from functools import partial

import pytest

import gofer
from gofer import DEFAULT, Chan, atomic, context, go, recv, runtime, select, time
from gofer.sync import WaitGroup
from tests.stress.effort import seeds


@pytest.fixture(params=[1, 2, 4, 8])
def procs(request: pytest.FixtureRequest) -> Iterator[int]:
    before = runtime.gomaxprocs(request.param)
    yield request.param
    runtime.gomaxprocs(before)


def draw(rng: random.Random) -> random.Random:
    """A generator of one party's own."""
    return random.Random(rng.getrandbits(32))


def linger(rng: random.Random) -> None:
    """Some microseconds, on the worker or off it."""
    for _ in range(rng.randrange(3)):
        runtime.gosched()
    for _ in range(rng.randrange(200)):
        pass


def everybody(parties: list[Callable[[], None]]) -> None:
    """Runs them in goroutines, and each fourth in a thread; what any of them raises is raised here."""
    done = WaitGroup()
    done.add(len(parties))
    failed: list[BaseException] = []

    def play(party: Callable[[], None]) -> None:
        try:
            party()
        except BaseException as error:
            failed.append(error)
        finally:
            done.done()

    for k, party in enumerate(parties):
        if k % 4 == 3:
            threading.Thread(target=play, args=(party,)).start()
        else:
            go(play, party)
    done.wait()
    for error in failed:
        raise error


def nothing_stale(seed: int) -> None:
    """Each has a timer of its own, and waits for it now and then, so that its alarm is taken out by others."""

    def party(rng: random.Random) -> None:
        timer = time.Timer(rng.random() * 2e-5)
        for _ in range(60):
            linger(rng)
            if rng.randrange(4) == 0:
                select(recv(timer.c), recv(time.after(rng.random() * 2e-5)))
            if rng.randrange(2):
                timer.stop()
            else:
                timer.reset(3600)
            assert select(recv(timer.c), default=True).index == DEFAULT
            timer.reset(rng.random() * 2e-5)

    rng = random.Random(seed)
    everybody([partial(party, draw(rng)) for _ in range(8)])


@pytest.mark.usefixtures("procs")
def test_nothing_stale_is_received_after_a_stop_or_reset() -> None:
    for seed in seeds(6):
        gofer.run(nothing_stale, seed)


def one_outcome(seed: int) -> None:
    """Several wait on one timer, in a plain receive and in a select, while two others start and stop it."""
    rng = random.Random(seed)
    timer = time.Timer(rng.random() * 1e-4)
    quit_: Chan[None] = Chan()
    starts, received, kept = atomic.Int64(1), atomic.Int64(), atomic.Int64()
    controllers = WaitGroup()

    def wait(mine: random.Random) -> None:
        while True:
            cases = [recv(quit_), recv(timer.c)]
            if mine.randrange(2):
                cases.append(recv(time.after(mine.random() * 1e-4)))
            index = select(*cases).index
            if index == 0:
                return
            if index == 1:
                received.add(1)
            linger(mine)

    def control(mine: random.Random) -> None:
        try:
            for _ in range(60):
                linger(mine)
                if mine.randrange(3):
                    starts.add(1)
                    kept.add(int(timer.reset(mine.random() * 1e-4)))
                else:
                    kept.add(int(timer.stop()))
                if mine.randrange(8) == 0:
                    received.add(int(select(recv(timer.c), default=True).index == 0))
        finally:
            controllers.done()

    def finish() -> None:
        controllers.wait()
        kept.add(int(timer.stop()))
        quit_.close()

    controllers.add(2)
    waiters = [partial(wait, draw(rng)) for _ in range(4)]
    everybody([*waiters, partial(control, draw(rng)), partial(control, draw(rng)), finish])
    assert received.load() + kept.load() == starts.load()


@pytest.mark.usefixtures("procs")
def test_each_start_is_received_once_or_was_stopped() -> None:
    for seed in seeds(6):
        gofer.run(one_outcome, seed)


def storm(seed: int) -> None:
    """Tickers far too fast for those who wait on them, beside timers that must be seen in time all the same."""
    rng = random.Random(seed)
    tickers = [time.Ticker(rng.choice([1e-9, 1e-6, 1e-5])) for _ in range(20)]
    done = context.with_timeout(context.background(), 0.02).done()

    def follow(ticker: time.Ticker, mine: random.Random) -> None:
        while select(recv(done), recv(ticker.c)).index:
            if mine.randrange(50) == 0:
                ticker.reset(mine.choice([1e-9, 1e-6, 1e-4]))
            runtime.gosched()

    everybody([partial(follow, each, draw(rng)) for each in tickers])


@pytest.mark.usefixtures("procs")
def test_a_storm_of_ticks_keeps_nothing_from_happening() -> None:
    for seed in seeds(2):
        gofer.run(storm, seed)
