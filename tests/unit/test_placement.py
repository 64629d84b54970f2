"""Where goroutines run when there are several workers."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import gofer
from gofer import go, runtime
from gofer._core import guard
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
