"""Starting and ending again and again, with whatever is under way then."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

import gofer
from gofer import Chan, go, runtime, time
from gofer.sync import WaitGroup
from tests import programs
from tests.stress.effort import ROUNDS

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


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("workers", ["1", "4"])
def test_programs_that_end_in_the_middle(end: str, workers: str) -> None:
    last, start, status = ENDS[end]
    text = PROGRAM.replace("END", last).replace("START", start)
    for _ in range(ROUNDS):
        done = programs.run("-c", text, GOMAXPROCS=workers)
        assert (done.status, done.out) == (status, "328350\n"), done.err
        assert (status == 2) == bool(done.err), done.err


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
