"""Goroutines, threads and helpers over channels of all kinds, with `select`, timers, `close` and preemption: what has
been sent arrives once, and from one sender over one channel in order. A timer runs once, or has been stopped.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

import gofer
from gofer import Chan, ClosedChannelError, atomic, blocking, go, recv, runtime, select, send, time
from gofer.sync import Mutex, WaitGroup
from tests.stress.effort import seeds

Item = tuple[int, int, int]  # sender, channel, number


@pytest.fixture(params=[1, 2, 4, 8])
def procs(request: pytest.FixtureRequest) -> Iterator[int]:
    before = runtime.gomaxprocs(request.param)
    yield request.param
    runtime.gomaxprocs(before)


@dataclass
class Line:
    """One channel, and who sends on it."""

    number: int
    chan: Chan[Item]
    senders: WaitGroup = field(default_factory=WaitGroup)


class Traffic:
    """One round: `EACH` values from each sender to each of its channels."""

    EACH = 20

    def __init__(self, seed: int, computes: float = 0.0) -> None:
        self.computes = computes  # how often a party computes for long enough to be preempted, of all that it does
        self.random = random.Random(seed)
        self.lines = [Line(k, Chan(self.random.choice([0, 0, 1, 2, 7, 64]))) for k in range(self.random.randint(1, 4))]
        self.lock = Mutex()
        self.sent: list[Item] = []
        self.received: list[list[Item]] = []
        self.everybody = WaitGroup()

    def draw(self) -> random.Random:
        """A generator of one party's own."""
        return random.Random(self.random.getrandbits(32))

    def start(self, fn: Callable[..., None], *args: Any) -> None:
        """Somewhere: in a goroutine, in one that a goroutine starts, in a thread, on a helper thread."""
        self.everybody.add(1)

        def work() -> None:
            fn(*args)
            self.everybody.done()

        kind = self.random.randrange(6)
        if kind == 0:
            threading.Thread(target=work).start()
        elif kind == 1:
            go(blocking, work)
        elif kind == 2:
            go(go, work)
        else:
            go(work)

    def produce(self, sender: int, lines: list[Line], rng: random.Random) -> None:
        done: list[Item] = []
        left = {line.number: 0 for line in lines}
        while left:
            ready = [line for line in lines if line.number in left]
            some = rng.sample(ready, rng.randint(1, len(ready)))
            line = self.send_one(sender, some, left, rng)
            if line is None:
                continue
            done.append((sender, line.number, left[line.number]))
            left[line.number] += 1
            if left[line.number] == self.EACH:
                del left[line.number]
                line.senders.done()
        with self.lock:
            self.sent += done

    def send_one(self, sender: int, lines: list[Line], left: dict[int, int], rng: random.Random) -> Line | None:
        """On one of the lines; None where a timer came first, or nothing was ready."""
        self.compute(rng)
        how = rng.randrange(5)
        if how == 0 or len(lines) == 1:
            lines[0].chan.send((sender, lines[0].number, left[lines[0].number]))
            return lines[0]
        cases: list[Any] = [send(line.chan, (sender, line.number, left[line.number])) for line in lines]
        if how == 1:
            cases.append(recv(time.after(rng.random() * 1e-4)))
        chosen = select(*cases, default=how == 2)
        if chosen.index < 0:
            runtime.gosched()
        return lines[chosen.index] if 0 <= chosen.index < len(lines) else None

    def consume(self, lines: list[Line], rng: random.Random) -> None:
        got: list[Item] = []
        open_lines = list(lines)
        while open_lines:
            self.receive(open_lines, got, rng)
        with self.lock:
            self.received.append(got)

    def receive(self, lines: list[Line], got: list[Item], rng: random.Random) -> None:
        """At most one value; takes a line that is closed out of `lines`."""
        self.compute(rng)
        how = rng.randrange(5)
        if len(lines) == 1 and how:
            value, ok = lines[0].chan.recv_ok()
            if ok:
                got.append(value)
            else:
                lines.clear()
            return
        cases: list[Any] = [recv(line.chan) for line in lines]
        if how == 1:
            cases.append(recv(time.after(rng.random() * 1e-4)))
        chosen = select(*cases, default=how == 2)
        if chosen.index < 0:
            runtime.gosched()
        elif chosen.index < len(lines) and chosen.ok:
            got.append(chosen.value)
        elif chosen.index < len(lines):
            del lines[chosen.index]

    def compute(self, rng: random.Random) -> None:
        """Now and then: a loop of some 10 to 40 ms."""
        if rng.random() < self.computes:
            for _ in range(rng.randrange(300_000, 1_500_000)):
                pass

    def finish(self, line: Line) -> None:
        line.senders.wait()
        line.chan.close()

    def run(self) -> None:
        senders = [self.random.sample(self.lines, self.random.randint(1, len(self.lines))) for _ in range(8)]
        for lines in senders:
            for line in lines:
                line.senders.add(1)
        parties: list[tuple[Any, ...]] = [(self.finish, line) for line in self.lines]
        parties += [(self.produce, k, lines, self.draw()) for k, lines in enumerate(senders)]
        parties += [(self.consume, self.lines, self.draw()) for _ in range(self.random.randint(1, 6))]
        self.random.shuffle(parties)
        for party in parties:
            self.start(*party)
        self.everybody.wait()

    def check(self) -> None:
        arrived = [item for got in self.received for item in got]
        assert sorted(arrived) == sorted(self.sent)
        for got in self.received:
            last: dict[tuple[int, int], int] = {}
            for sender, line, number in got:
                assert last.get((sender, line), -1) < number
                last[sender, line] = number


@pytest.mark.usefixtures("procs")
@pytest.mark.parametrize("computes", [0.0, 0.01], ids=["", "preempted"])
def test_every_value_arrives_once_and_in_order(computes: float) -> None:
    for seed in seeds(3 if computes else 8):
        traffic = Traffic(seed, computes)
        gofer.run(traffic.run)
        try:
            traffic.check()
        except AssertionError as error:
            raise AssertionError(f"GOFER_STRESS_SEED={seed}") from error


@pytest.mark.usefixtures("procs")
def test_a_send_that_a_close_overtakes_has_not_happened() -> None:
    """Either it is received once, or it raises."""

    def main(capacity: int, patience: int) -> None:
        ch: Chan[tuple[int, int]] = Chan(capacity)
        sent: list[tuple[int, int]] = []
        received: list[tuple[int, int]] = []
        everybody = WaitGroup()

        def produce(k: int) -> None:
            try:
                for n in range(200):
                    ch.send((k, n))
                    sent.append((k, n))
            except ClosedChannelError:
                pass
            everybody.done()

        def consume() -> None:
            received.extend(ch)
            everybody.done()

        everybody.add(6)
        for k in range(3):
            go(produce, k)
        threading.Thread(target=produce, args=(3,)).start()
        go(consume)
        threading.Thread(target=consume).start()
        for _ in range(patience):
            runtime.gosched()
        ch.close()
        everybody.wait()
        assert sorted(sent) == sorted(received)

    for seed in seeds(5):
        rng = random.Random(seed)
        gofer.run(main, rng.choice([0, 1, 5]), rng.randrange(100))


def timing(seed: int) -> None:
    """Timers that many start, stop and reset at the time at which they are due."""
    rng = random.Random(seed)
    everybody = WaitGroup()
    started, ran, stopped = atomic.Int64(), atomic.Int64(), atomic.Int64()

    def party(mine: random.Random) -> None:
        due = WaitGroup()

        def begin() -> None:
            started.add(1)
            due.add(1)

        def end(how: atomic.Int64) -> None:
            how.add(1)
            due.done()

        for _ in range(30):
            begin()
            timer = time.after_func(mine.random() * 3e-4, end, ran)
            for _ in range(mine.randrange(4)):
                runtime.gosched()
            if mine.randrange(2) and timer.stop():
                end(stopped)
            elif mine.randrange(2):
                begin()
                if timer.reset(mine.random() * 1e-4):
                    end(stopped)
        due.wait()
        everybody.done()

    everybody.add(8)
    for k in range(8):
        mine = random.Random(rng.getrandbits(32))
        if k % 4:
            go(party, mine)
        else:
            threading.Thread(target=party, args=(mine,)).start()
    everybody.wait()
    assert ran.load() + stopped.load() == started.load()


@pytest.mark.usefixtures("procs")
def test_a_timer_runs_once_or_has_been_stopped() -> None:
    """One that runs twice makes a group's counter negative; one that is lost leaves it above zero for ever."""
    for seed in seeds(10):
        gofer.run(timing, seed)
