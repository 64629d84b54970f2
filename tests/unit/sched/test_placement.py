"""Where goroutines run when there are several workers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import gofer
from gofer import Chan, context, go, recv, runtime, select
from gofer._core.machine import guard
from gofer.sync import WaitGroup


@pytest.fixture(params=[2, 4, 8] if guard.FREE_THREADED else [2, 3])
def procs(request: pytest.FixtureRequest, no_preemption: None) -> Iterator[int]:
    before = runtime.gomaxprocs(request.param)
    yield request.param
    runtime.gomaxprocs(before)


@pytest.mark.usefixtures("procs")
def test_what_waits_for_a_busy_worker_is_taken_by_an_idle_one() -> None:
    def main() -> int:
        ran: list[int] = []
        for n in range(20):
            go(ran.append, n)
            while len(ran) <= n:  # never gives up its thread
                pass
        return len(ran)

    assert gofer.run(main) == 20


@pytest.mark.usefixtures("procs")
def test_a_batch_is_taken_whole_and_in_order_by_those_who_are_idle() -> None:
    def main() -> list[int]:
        ran: list[int] = []
        for n in range(100):
            go(ran.append, n)
        while len(ran) < 100:
            pass
        return ran

    assert sorted(gofer.run(main)) == list(range(100))


def test_every_allowed_worker_gets_a_share(procs: int) -> None:
    def main() -> int:
        threads: set[int] = set()
        done = WaitGroup()
        done.add(procs)

        def work() -> None:
            threads.add(threading.get_ident())
            while len(threads) < procs:  # keeps its worker busy until all are
                pass
            done.done()

        for _ in range(procs):
            go(work)
        done.wait()
        return len(threads)

    assert gofer.run(main) == procs


POOLS = {
    "recv": lambda jobs, ctx: jobs.recv(),
    "range": lambda jobs, ctx: next(iter(jobs)),
    "select": lambda jobs, ctx: select(recv(ctx.done()), recv(jobs)).value,
    "select alone": lambda jobs, ctx: select(recv(jobs)).value,
}


@pytest.mark.usefixtures("procs")
@pytest.mark.parametrize("take", POOLS.values(), ids=POOLS)
def test_a_pool_that_waits_for_its_first_job_is_on_several_workers(take: Callable[[Any, Any], Any]) -> None:
    def main() -> int:
        ctx = context.with_cancel(context.background())
        jobs: Chan[int] = Chan()
        threads: Chan[int] = Chan()

        def work() -> None:
            while take(jobs, ctx) is not None:
                threads.send(threading.get_ident())

        for _ in range(6):
            go(work)
        while sum(g.wait_reason in ("chan receive", "select") for g in runtime.goroutines()) < 6:
            runtime.gosched()
        found = set()
        for n in range(6):
            jobs.send(n)
            found.add(threads.recv())
        return len(found)

    assert gofer.run(main) > 1
