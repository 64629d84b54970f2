"""Many goroutines that compute, preempted in the middle, and channels between them: every item arrives once."""

from __future__ import annotations

import sysconfig

import pytest

from tests import programs

WORKERS = ("1", "2", "4") if sysconfig.get_config_var("Py_GIL_DISABLED") else ("1",)

LOAD = """
import faulthandler, random, sys
import gofer
from gofer import Chan, go
from gofer.sync import Mutex, WaitGroup
faulthandler.enable()
jobs, results = Chan(3), Chan()
held, total = Mutex(), [0]
wg = WaitGroup()
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def squares(n):
    for i in range(n):
        try:
            yield i * i
            if i % 100 == 99:
                raise KeyError(i)
        except KeyError as error:
            assert sys.exc_info()[1] is error
def worker(seed):
    rng = random.Random(seed)
    for n in jobs:
        for _ in range(rng.randrange(1, 4)):
            fib(15)
        partial = sum(squares(2000)) + len([x for x in range(3000) if x % 3])
        with held:
            before = total[0]
            fib(8)
            total[0] = before + n
        results.send(partial)
    wg.done()
def closer():
    wg.wait()
    results.close()
def feed():
    for n in range(400):
        jobs.send(n)
    jobs.close()
wg.add(20)
for seed in range(20):
    go(worker, seed)
go(feed)
go(closer)
seen = list(results)
print(len(seen), len(set(seen)), total[0])
"""


@pytest.mark.parametrize("workers", WORKERS)
def test_nothing_is_lost_among_goroutines_that_compute(workers: str) -> None:
    done = programs.run_text(LOAD, GOMAXPROCS=workers)
    assert (done.status, done.out) == (0, "400 1 79800\n"), done.err
