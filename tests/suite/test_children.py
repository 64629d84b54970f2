"""The programs that the tests start import the gofer that the tests import, compiled where that is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from bench import runtimes

from gofer._core.sched import scheduler
from tests import programs

WHICH = "from gofer._core.sched import scheduler\nprint(scheduler.__file__)\n"


@pytest.mark.parametrize("options", [(), ("plain",), ("--seed", "1")])
def test_a_program_of_the_tests(options: tuple[str, ...]) -> None:
    done = programs.run_text(WHICH, *options)
    assert (done.out, done.err) == (f"{scheduler.__file__}\n", "")


def test_what_a_program_of_the_tests_starts() -> None:
    text = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {WHICH!r}], check=True)\n"
    assert programs.run_text(text).out == f"{scheduler.__file__}\n"


def test_a_program_of_the_benchmarks() -> None:
    environment = runtimes.python("gofer", "goroutines", "gofer").environment
    done = subprocess.run([sys.executable, "-c", WHICH], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{scheduler.__file__}\n"


def test_a_program_with_the_tests_own_environment() -> None:
    done = subprocess.run([sys.executable, "-c", WHICH], env=os.environ, capture_output=True, text=True, check=True)
    assert done.stdout == f"{scheduler.__file__}\n"
