"""Each pattern does what its header says, on one worker and on several."""

from __future__ import annotations

import re
import signal

import pytest

from tests import programs

PATTERNS = programs.ROOT / "examples" / "patterns"
EXPECTED = {
    "worker_pool": "20 jobs by 3 workers, sum of squares 2470\n",
    "pipeline": "first square over 50: 64\nevery stage has ended\n",
    "fan_in": "9 messages: a0 a1 a2 b0 b1 b2 c0 c1 c2\n",
    "pubsub": "ann heard: one two three\nben heard: two three\nslow heard: two\n",
    "shutdown": "ready\nstopping: terminated signal received\njobs begun and finished: equal\n",
    "sieve": "2 3 5 7 11 13 17 19 23 29 31 37 41 43 47 53 59 61 67 71\n",
    "crawler": (
        "15 pages: / /1 /10 /11 /12 /13 /14 /2 /3 /4 /5 /6 /7 /8 /9\n"
        "broken: /14/missing (404)\n"
        "no page twice, no more than 4 at a time, no faster than allowed\n"
    ),
    "philosophers": "5 philosophers ate 3 times each\n",
}


def test_every_pattern_says_what_to_expect_and_is_run() -> None:
    names = {path.stem for path in PATTERNS.glob("*.py")}
    assert names == {*EXPECTED, "bounded", "processes"}
    page = (programs.ROOT / "docs" / "patterns.md").read_text()
    assert [name for name in sorted(names) if f"patterns/{name}.py" not in page] == []
    for path in PATTERNS.glob("*.py"):
        assert re.search(r"\bexpect\b", path.read_text().split('"""')[1], re.IGNORECASE), path


@pytest.mark.parametrize("procs", ["1", "3"])
@pytest.mark.parametrize("name", EXPECTED)
def test_a_pattern(name: str, procs: str) -> None:
    done = programs.run("-m", "gofer", "run", str(PATTERNS / f"{name}.py"), GOMAXPROCS=procs)
    assert (done.out, done.err, done.status) == (EXPECTED[name], "", 0)


def test_checksums_of_a_tree(tmp_path) -> None:
    (tmp_path / "below").mkdir()
    for n in range(12):
        (tmp_path / "below" / f"{n:02}.txt").write_bytes(b"hey")
    done = programs.run("-m", "gofer", "run", str(PATTERNS / "bounded.py"), str(tmp_path))
    checksum = "fa690b82061e"  # printf hey | sha256sum
    assert (done.out, done.err, done.status) == (
        "".join(f"{checksum}  below/{n:02}.txt\n" for n in range(12)),
        "",
        0,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_shutdown_from_outside(number: signal.Signals) -> None:
    process = programs.start("-m", "gofer", "run", str(PATTERNS / "shutdown.py"), "wait")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(number)
    done = programs.finish(process)
    words = {signal.SIGTERM: "terminated", signal.SIGINT: "interrupt"}[number]
    assert (done.out, done.err, done.status) == (
        f"stopping: {words} signal received\njobs begun and finished: equal\n",
        "",
        0,
    )


def test_processes_compute_and_goroutines_wait() -> None:
    done = programs.run(str(PATTERNS / "processes.py"))
    assert (done.status, done.out) == (0, "sum of squares: 140\n"), done.err
