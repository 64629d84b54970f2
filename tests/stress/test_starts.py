"""Starting and ending again and again, with whatever is under way then."""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Iterator
from itertools import islice

import pytest

import gofer
from gofer import Chan, go, runtime, time
from gofer._core.sched import scheduler
from gofer.sync import WaitGroup
from tests import programs
from tests.stress.effort import ROUNDS, STARTS, seeds

UNSAFE_END = str(scheduler.__file__).endswith(".py") and sys.version_info < (3, 14)  # see switch.py

PROGRAM = """
import os, sys, threading
import gofer
from gofer import Chan, blocking, go, runtime, time
from gofer.sync import WaitGroup

jobs, results = Chan(2), Chan()
group = WaitGroup()

def work():
    for n in jobs:
        results.send(n * n)

def spin():
    while True:
        runtime.gosched()

def main():
    for _ in range(6):
        go(work)
    go(spin)
    go(time.sleep, 1000)
    go(blocking, os.read, os.pipe()[0], 1)
    threading.Thread(target=results.sender.send, args=(0,), daemon=True).start()
    go(lambda: [jobs.send(n) for n in range(100)])
    print(sum(results.recv() for _ in range(101)))
    time.after_func(0.0, group.wait)
    END

if __name__ == "__main__":
    START
"""

ENDS = {
    "return": ("pass", "gofer.run(main)", 0),
    "exit": ("sys.exit(3)", "gofer.run(main)", 3),
    "exit of another": ("go(sys.exit, 4); Chan().recv()", "gofer.run(main)", 4),
    "script": ("pass", "main()", 0),
    "panic": ("go(lambda: 1 / 0); Chan().recv()", "gofer.run(main)", 2),
}


def one_end(text: str, out: str, end: str, workers: str) -> None:
    last, start, status = ENDS[end]
    done = programs.run("-c", text.replace("END", last).replace("START", start), GOMAXPROCS=workers)
    assert (done.status, done.out) == (status, out), (end, workers, done)
    assert (status == 2) == bool(done.err), (end, workers, done)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("workers", ["1", "4"])
def test_programs_that_end_in_the_middle(end: str, workers: str) -> None:
    for _ in range(ROUNDS):
        one_end(PROGRAM, "328350\n", end, workers)


DAEMONS = """
import sys, threading
import gofer
from gofer import Chan, Executor, blocking, go, recv, runtime, select, send, time, wait
from gofer.sync import Cond, Mutex, WaitGroup

numbers, echo, lock = Chan(1), Chan(), Mutex()
changed = Cond(lock)
executor = Executor(2)

def talk():
    while True:
        echo.send(numbers.recv() + 1)

def choose():
    while True:
        select(recv(numbers), recv(time.after(1e-4)), send(Chan(), 1))

def hold():
    while True:
        with lock:
            changed.broadcast()
        runtime.gosched()

def start():
    while True:
        group = WaitGroup()
        group.go(int)
        go(runtime.gosched)
        group.wait()

def submit():
    while True:
        executor.submit(int).result()

def block():
    while True:
        blocking(int)

def main():
    for body in (talk, talk, choose, hold, start, submit, block):
        threading.Thread(target=body, daemon=True).start()
        go(body)
    for n in range(20):
        select(send(numbers, n), recv(time.after(1e-3)))
        select(recv(echo), recv(time.after(1e-3)))
    print("done")
    END

if __name__ == "__main__":
    START
"""


@pytest.mark.skipif(UNSAFE_END, reason="uncompiled, and workers are given new work until the end")
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("workers", ["1", "4"])
def test_daemon_threads_that_use_gofer_while_the_program_ends(end: str, workers: str) -> None:
    for _ in range(ROUNDS):
        one_end(DAEMONS, "done\n", end, workers)


def test_starts_and_ends_in_a_row() -> None:
    """`GOFER_STRESS_STARTS` processes, a few by default, one after the other; each ends in another way."""
    for seed in islice(seeds(STARTS), STARTS):
        rng = random.Random(seed)
        text, out = rng.choice([(PROGRAM, "328350\n")] if UNSAFE_END else [(PROGRAM, "328350\n"), (DAEMONS, "done\n")])
        one_end(text, out, rng.choice(list(ENDS)), rng.choice(["1", "2", "4", "8"]))


@pytest.fixture(params=[1, 4])
def procs(request: pytest.FixtureRequest) -> Iterator[int]:
    before = runtime.gomaxprocs(request.param)
    yield request.param
    runtime.gomaxprocs(before)


def burst() -> int:
    """Some goroutines that end, and some that are abandoned."""
    numbers = Chan[int](3)
    group = WaitGroup()
    for n in range(20):
        group.go(numbers.send, n)
        go(Chan[None]().recv)
    go(time.sleep, 1000)
    total = sum(numbers.recv() for _ in range(20))
    group.wait()
    return total


@pytest.mark.usefixtures("procs")
def test_200_runs_in_a_row() -> None:
    assert sum(gofer.run(burst) for _ in range(200 * ROUNDS)) == 190 * 200 * ROUNDS


@pytest.mark.usefixtures("procs")
def test_runs_in_threads_of_their_own() -> None:
    totals = []
    for _ in range(30 * ROUNDS):
        thread = threading.Thread(target=lambda: totals.append(gofer.run(burst)))
        thread.start()
        thread.join()
    assert sum(totals) == 190 * 30 * ROUNDS


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("workers", ["1", "4"])
def test_forks_in_the_middle(workers: str) -> None:
    text = """
import os
import gofer
from gofer import Chan, go, runtime
from gofer.sync import WaitGroup
import warnings
warnings.simplefilter("ignore", DeprecationWarning)

def busy():
    while True:
        runtime.gosched()

def burst():
    numbers = Chan(3)
    group = WaitGroup()
    for n in range(20):
        group.go(numbers.send, n)
        go(Chan().recv)
    return sum(numbers.recv() for _ in range(20))

def main():
    for _ in range(4):
        go(busy)
    for _ in range(COUNT):
        burst()
        child = os.fork()
        if not child:
            os._exit(0 if burst() == 190 else 1)
        _, status = gofer.blocking(os.waitpid, child, 0)
        assert status == 0, status
    print("all")

gofer.run(main)
""".replace("COUNT", str(3 * ROUNDS))
    done = programs.run("-c", text, GOMAXPROCS=workers)
    assert (done.status, done.out) == (0, "all\n"), done.err
