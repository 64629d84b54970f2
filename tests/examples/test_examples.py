"""Each example does what its header says."""

from __future__ import annotations

import re

import pytest

from gofer._core.sched import scheduler
from tests import programs

EXAMPLES = programs.ROOT / "examples"


def run(name: str, *options: str) -> programs.Done:
    return programs.run("-m", "gofer", "run", *options, str(EXAMPLES / name))


def output(name: str, *options: str) -> str:
    done = run(name, *options)
    assert (done.status, done.err) == (0, "")
    return done.out


def test_every_example_says_what_to_expect() -> None:
    for path in EXAMPLES.glob("*.py"):
        header = path.read_text().split('"""')[1]
        assert path.name == "tour.py" or re.search(r"\bexpect\b", header, re.IGNORECASE), path


def test_main_does_not_wait() -> None:
    assert "bye" in output("hello.py")  # with several workers the two may print at once


def test_sleep_waits_long_enough_here() -> None:
    assert output("hello_sleep.py") == "hello\nbye\n"


def test_a_wait_group_waits_every_time() -> None:
    assert {output("hello_waitgroup.py") for _ in range(5)} == {"hey\nseeyou\n"}


def test_a_hundred_thousand_goroutines() -> None:
    alive, left = output("many.py").splitlines()
    assert re.fullmatch(r"100,001 goroutines on \d+ thread\(s\), \d+\.\d KB each", alive)
    assert left == "1 goroutine is left"


def test_a_seed_reproduces_an_order() -> None:
    orders = {seed: output("interleave.py", "--seed", seed) for seed in ("1", "2", "3", "4")}
    assert orders["3"] == output("interleave.py", "--seed", "3")
    assert len(set(orders.values())) > 1
    for order in orders.values():
        assert sorted(order.split()) == list("aaabbbccc")


def test_a_pipeline() -> None:
    assert output("pipeline.py") == "sum of squares: 285\n"


def test_a_timeout() -> None:
    assert output("select_timeout.py") == "timed out\n"


def test_a_deadlock_shows_every_goroutine() -> None:
    done = run("deadlock.py")
    assert done.status == 2
    assert done.err.startswith("fatal error: all goroutines are asleep - deadlock!\n")
    for line in ("goroutine 1 [chan receive]:", "goroutine 2 [chan receive]:", "created by <module> in goroutine 1"):
        assert line in done.err


def test_a_panic_names_error_and_goroutine() -> None:
    done = run("panic.py")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("panic: ZeroDivisionError: division by zero\n\ngoroutine 2 [running]:\n")
    assert "created by <module> in goroutine 1" in done.err


def test_a_plain_map_is_not_shared() -> None:
    done = run("concurrent_map.py")
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("fatal error: concurrent map writes\n")


def test_a_sync_map_is_shared() -> None:
    assert output("sync_map.py") == "4000\n"


@pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="the race detector needs the compiled core")
def test_a_race_is_reported() -> None:
    done = programs.run("-m", "gofer", "run", "-race", str(EXAMPLES / "race_counter.py"))
    assert done.status == 66
    for line in ("WARNING: DATA RACE", "of Counter.value at 0x", "Found 1 data race(s)"):
        assert line in done.err


def test_the_tour_shows_every_example() -> None:
    done = run("tour.py")
    assert (done.status, done.err) == (0, "")
    for path in EXAMPLES.glob("*.py"):
        assert path.name == "tour.py" or f"examples/{path.name}\n" in done.out
    uncompiled = str(scheduler.__file__).endswith(".py")  # then there is no race detector, which is told
    assert done.out.count("exit status 2") == 3 + uncompiled
