"""Each example does what its header says."""

import re

import pytest

from tests import programs

CASES: list[tuple[str, str, str, int]] = [
    ("hello.py", r"bye\n", "", 0),
    ("hello_sleep.py", r"hello\nbye\n", "", 0),
    ("hello_waitgroup.py", r"hey\nseeyou\n", "", 0),
    ("many.py", r"100,001 goroutines on \d thread\(s\), [\d.]+ KB each\n1 goroutine is left\n", "", 0),
    ("interleave.py", r"[abc]( [abc]){8}\n", "", 0),
    ("pipeline.py", r"sum of squares: 285\n", "", 0),
    ("select_timeout.py", r"timed out\n", "", 0),
    ("deadlock.py", "", "fatal error: all goroutines are asleep - deadlock!", 2),
    ("panic.py", "", "panic: ZeroDivisionError: division by zero", 2),
]


@pytest.mark.parametrize(("name", "out", "err", "status"), CASES)
def test_example(name: str, out: str, err: str, status: int) -> None:
    done = programs.run("-m", "gofer", "run", "--procs", "1", f"examples/{name}")
    assert re.fullmatch(out, done.out)
    assert done.err.startswith(err) if err else done.err == ""
    assert done.status == status


def test_a_seed_reproduces_the_order() -> None:
    runs = [programs.run("-m", "gofer", "run", "--seed", str(n), "examples/interleave.py").out for n in (7, 7, 1, 2, 3)]
    assert runs[0] == runs[1]
    assert len(set(runs)) > 1


def test_the_tour() -> None:
    done = programs.run("-m", "gofer", "run", "examples/tour.py")
    assert done.status == 0
    assert done.out.count("$ gofer run") == 11
    assert done.out.count("exit status 2") == 2
