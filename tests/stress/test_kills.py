"""Threads that an asynchronous exception ends anywhere in the middle of their work, and work that is cancelled: nobody
else notices, and what they had done stays done.
"""

from __future__ import annotations

import ctypes
import random
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from itertools import starmap
from operator import methodcaller
from typing import Any

import pytest

import gofer
from gofer import Chan, Executor, blocking, go, recv, runtime, select, send, time, wait
from gofer._core.sched import scheduler
from gofer.sync import Mutex, WaitGroup
from tests.stress.effort import seeds

EACH = 60

Item = tuple[int, int]  # sender, number


@pytest.fixture(params=[1, 2, 4, 8])
def procs(request: pytest.FixtureRequest) -> Iterator[int]:
    before = runtime.gomaxprocs(request.param)
    yield request.param
    runtime.gomaxprocs(before)


class Killed(BaseException):
    """What the killed thread raises wherever it is."""


def kill(ident: int) -> None:
    found = ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(Killed))
    assert found == 1


class Victim:
    """A foreign thread that may be killed, once, as long as it has not finished."""

    def __init__(self, live: Callable[[], None]) -> None:
        self.live = live
        self.gate = threading.Lock()
        self.mortal = True
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        try:
            self.live()
            with self.gate:
                self.mortal = False
            for _ in range(1000):  # an exception that is under way arrives here
                pass
        except Killed:
            pass
        except BaseException as error:
            self.error = error

    def kill(self) -> None:
        with self.gate:
            if self.mortal:
                self.mortal = False
                assert self.thread.ident is not None
                kill(self.thread.ident)

    def join(self) -> None:
        blocking(self.thread.join)
        if self.error is not None:
            raise self.error


class Party:
    """Who sends, receives and locks. What it has done it notes in the same step: `extend` calls C from C, and between
    the two no exception comes.
    """

    def __init__(self, number: int, channels: list[Chan[Item]], lock: Mutex, holders: list[Any], seed: int) -> None:
        self.number = number
        self.channels = channels
        self.lock = lock
        self.holders = holders
        self.rng = random.Random(seed)
        self.sent: list[Any] = []  # what `send` or `select` returned
        self.received: list[tuple[Item, bool]] = []
        self.chosen: list[Any] = []
        self.locked: list[None] = []
        self.unlocked: list[None] = []

    def hold(self) -> None:
        """The lock, with proof that nobody else has it. It is given back by who is killed."""
        try:
            self.locked.extend(map(methodcaller("lock"), [self.lock]))
            self.holders.append(self)
            for _ in range(self.rng.randrange(20)):
                pass
            assert self.holders == [self]
            self.holders.clear()
            self.unlocked.extend(map(methodcaller("unlock"), [self.lock]))
        except Killed:
            if len(self.locked) > len(self.unlocked):
                self.holders.clear()
                self.lock.unlock()
            raise

    def produce(self) -> None:
        ch = self.channels[self.number % len(self.channels)]
        while len(self.sent) < EACH:
            item = (self.number, len(self.sent))
            if self.rng.randrange(2):
                self.sent.extend(map(ch.send, [item]))
            else:
                self.sent.extend(starmap(select, [(send(ch, item), recv(None))]))
            if not self.rng.randrange(8):
                self.hold()

    def consume(self) -> None:
        ch = self.channels[self.number % len(self.channels)]
        while not (self.received and not self.received[-1][1]):
            if self.rng.randrange(2):
                self.received.extend(map(methodcaller("recv_ok"), [ch]))
            else:
                self.chosen.extend(starmap(select, [(recv(ch), recv(time.after(self.rng.random() * 1e-4)))]))
                if self.chosen[-1].index == 0 and not self.chosen[-1].ok:
                    return
            if not self.rng.randrange(8):
                self.hold()

    def received_in_order(self) -> list[Item]:
        return [item for item, ok in self.received if ok]

    def chosen_in_order(self) -> list[Item]:
        return [c.value for c in self.chosen if c.index == 0 and c.ok]


def killing(seed: int) -> None:
    rng = random.Random(seed)
    channels: list[Chan[Item]] = [Chan(rng.choice([0, 1, 5])) for _ in range(rng.randint(1, 3))]
    lock = Mutex()
    holders: list[Any] = []
    parties = [Party(k, channels, lock, holders, rng.getrandbits(32)) for k in range(18)]
    senders, receivers = parties[:9], parties[9:]
    threads = rng.sample(senders, 6) + rng.sample(receivers, 5)
    group = WaitGroup()
    receiving = WaitGroup()
    for party in parties:
        if party not in threads:
            (group if party in senders else receiving).go(party.produce if party in senders else party.consume)
    for k, ch in enumerate(channels):  # one for each that nobody kills
        last = Party(18 + 9 * len(channels) + k, [ch], lock, holders, rng.getrandbits(32))
        receivers.append(last)
        receiving.go(last.consume)
    victims = {party.number: Victim(party.produce if party in senders else party.consume) for party in threads}
    for party in rng.sample(threads, 8):
        for _ in range(rng.randrange(40)):
            runtime.gosched()
        victims[party.number].kill()
    for party in senders:
        if party in threads:
            victims[party.number].join()
    group.wait()
    for ch in channels:
        ch.close()
    for party in receivers:
        if party in threads:
            victims[party.number].join()
    receiving.wait()
    assert lock.try_lock()
    arrived = [item for party in receivers for item in party.received_in_order() + party.chosen_in_order()]
    assert sorted(arrived) == [(party.number, n) for party in senders for n in range(len(party.sent))]
    for party in receivers:
        for got in party.received_in_order(), party.chosen_in_order():
            for sender in senders:
                numbers = [n for number, n in got if number == sender.number]
                assert numbers == sorted(numbers)


@pytest.mark.skipif(
    str(scheduler.__file__).endswith(".py"),
    reason="uncompiled, an exception may come in the middle of the core's own code",
)
@pytest.mark.usefixtures("procs")
@pytest.mark.filterwarnings("ignore:Exception ignored .*WeakSet.*_remove:pytest.PytestUnraisableExceptionWarning")
def test_threads_that_are_killed_have_done_what_they_did() -> None:
    """One may be spared: the exception is lost where it comes in the callback of a weak reference."""
    for seed in seeds(2):
        try:
            gofer.run(killing, seed)
        except AssertionError as error:
            raise AssertionError(f"GOFER_STRESS_SEED={seed}") from error


def die() -> None:
    kill(threading.get_ident())
    while True:
        pass


@pytest.mark.usefixtures("procs")
def test_a_call_that_is_killed_on_its_helper_raises_where_it_is_waited_for() -> None:
    def main() -> None:
        ended = Chan[str]()

        def call(fatal: bool, pool: ThreadPoolExecutor | None) -> None:
            fn = die if fatal else int
            try:
                if pool is None:
                    blocking(fn)
                else:
                    wait(pool.submit(fn))
            except Killed:
                ended.send("killed")
            else:
                ended.send("returned")

        with ThreadPoolExecutor(3) as pool:
            for n in range(60):
                go(call, n % 3 == 0, pool if n % 2 else None)
            outcomes = [ended.recv() for _ in range(60)]
        assert (outcomes.count("killed"), outcomes.count("returned")) == (20, 40)

    gofer.run(main)


def cancelling(seed: int) -> None:
    rng = random.Random(seed)
    executor: Any = Executor(rng.choice([None, 1, 3])) if rng.randrange(3) else ThreadPoolExecutor(2)
    ran: list[int] = []
    futures: list[Future[int]] = []
    outcomes: dict[int, str] = {}
    everybody = WaitGroup()

    def task(n: int) -> int:
        ran.append(n)
        if not n % 5:
            runtime.gosched()
        return n

    def await_one(n: int, future: Future[int], timeout: float | None) -> None:
        try:
            outcomes[n] = "returned" if wait(future, timeout) == n else "wrong"
        except CancelledError:
            outcomes[n] = "cancelled"
        except TimeoutError:
            outcomes[n] = "timed out"
        everybody.done()

    for n in range(80):
        futures.append(executor.submit(task, n))
        everybody.add(1)
        timeout = None if rng.randrange(3) else rng.random() * 1e-4
        if rng.randrange(4):
            go(await_one, n, futures[n], timeout)
        else:
            threading.Thread(target=await_one, args=(n, futures[n], timeout)).start()
        for _ in range(rng.randrange(3)):
            rng.choice(futures).cancel()
        if not rng.randrange(4):
            runtime.gosched()
    blocking(executor.shutdown, True, cancel_futures=bool(rng.randrange(2)))
    everybody.wait()
    assert sorted(ran) == [n for n, future in enumerate(futures) if not future.cancelled()]
    for n, future in enumerate(futures):
        assert future.done()
        assert outcomes[n] in ("timed out", "cancelled" if future.cancelled() else "returned"), (n, outcomes[n])


@pytest.mark.usefixtures("procs")
def test_a_task_has_been_cancelled_or_runs_once() -> None:
    for seed in seeds(2):
        try:
            gofer.run(cancelling, seed)
        except AssertionError as error:
            raise AssertionError(f"GOFER_STRESS_SEED={seed}") from error
