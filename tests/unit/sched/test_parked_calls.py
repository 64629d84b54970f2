"""What only the calls of goroutines that wait refer to stays alive, also where the interpreter does not count it."""

from __future__ import annotations

import sysconfig

import pytest

from tests import programs
from tests.stress import effort

WORKERS = ("1", "4") if sysconfig.get_config_var("Py_GIL_DISABLED") else ("1",)
PROGRAM = "tests/unit/sched/parked_calls.py"


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("way", ("each", "all"))
def test_calls_that_nothing_else_is_left_of(way: str, workers: str) -> None:
    rounds = str(2 * effort.ROUNDS)
    done = programs.run(PROGRAM, way, rounds, PYTHONMALLOC="debug", GOMAXPROCS=workers)
    assert (done.status, done.out.splitlines()[-1]) == (0, "done"), done.out + done.err[-3000:]


@pytest.mark.parametrize("workers", WORKERS)
def test_calls_that_wait_at_the_end_of_the_program(workers: str) -> None:
    done = programs.run(PROGRAM, "end", PYTHONMALLOC="debug", GOMAXPROCS=workers)
    assert (done.status, done.out, done.err) == (0, "done\n", "")
