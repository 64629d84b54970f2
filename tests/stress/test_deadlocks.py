"""A deadlock is told once: the run after one that ended so is not disturbed."""

from __future__ import annotations

import threading

import pytest

import gofer
from gofer import Chan, DeadlockError, go, runtime
from gofer.sync import WaitGroup
from tests.stress.effort import ROUNDS


@pytest.mark.parametrize("procs", [1, 2, 4])
def test_a_run_after_a_deadlock(procs: int) -> None:
    def dead() -> None:
        go(Chan().recv)
        Chan().recv()

    def alive() -> int:
        group = WaitGroup()
        for _ in range(50):
            group.go(runtime.gosched)
        group.add(1)
        threading.Thread(target=go, args=(group.done,)).start()
        group.wait()
        return 1

    before = runtime.gomaxprocs(procs)
    try:
        for _ in range(40 * ROUNDS):
            with pytest.raises(DeadlockError):
                gofer.run(dead)
            assert sum(gofer.run(alive) for _ in range(3)) == 3
    finally:
        runtime.gomaxprocs(before)
