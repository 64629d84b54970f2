"""What a test has started ends with it: where it fails, hangs, is killed, or its process is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import leftovers, processes, programs

pytestmark = pytest.mark.skipif(not leftovers.KEEPS, reason="no process can be waited for here")

BY_SIGNAL = ("-o", "timeout_method=signal")
SPINNING = """
import os
if not os.fork():
    os.setsid()
os.write(1, b"%d\\n" % os.getpid())
while True:
    pass
"""

STARTED = """
import os, signal, sys, time
import pytest
from tests import programs

SPINNING = {spinning!r}

def spinning():
    process = programs.start("-c", SPINNING)
    both = [process.stdout.readline() for _ in range(2)]
    with open({noted!r}, "a") as noted:
        noted.write("".join(both))
    return process

def forked():
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        os.write(tell, b"x")
        while True:
            pass
    assert os.read(told, 1) == b"x"
    with open({noted!r}, "a") as noted:
        noted.write(f"{{child}}\\n")

def test_it():
    {body}

def test_another():
    print("another one ran")
"""


class Inner:
    """A run of pytest over two tests, the first of which starts two processes, each of them in an endless loop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.noted = folder / "noted"

    def run(self, body: str, *options: str) -> programs.Done:
        path = self.folder / "test_inner.py"
        path.write_text(STARTED.format(spinning=SPINNING, noted=str(self.noted), body=body))
        always = (
            "-p",
            "tests.leftovers",
            "-p",
            "no:cacheprovider",
            "-c",
            os.devnull,
            "-rA",
            "-o",
            f"pythonpath={programs.ROOT}",
        )
        return programs.run("-m", "pytest", *always, f"--rootdir={self.folder}", *options, str(path))

    def started(self) -> list[int]:
        return [int(line) for line in self.noted.read_text().split()]

    def all_have_ended(self) -> bool:
        return all(processes.wait_for_end(process, timeout=programs.LIMIT) for process in self.started())


@pytest.fixture
def inner(tmp_path: Path) -> Inner:
    return Inner(tmp_path)


def test_a_test_that_passes_and_leaves_something_running_fails(inner: Inner) -> None:
    done = inner.run("spinning()")
    assert done.status == 1
    assert "the test has left running:\n" in done.out
    assert done.out.count("while True:") >= 2  # both are named, with what they run
    assert "another one ran" in done.out
    assert len(inner.started()) == 2 and inner.all_have_ended()


def test_a_test_that_waits_for_what_it_starts_passes(inner: Inner) -> None:
    ends = "process = spinning(); [os.kill(int(number), 9) for number in open(NOTED).read().split()]; process.wait()"
    done = inner.run(ends.replace("NOTED", repr(str(inner.noted))))
    assert "left running" not in done.out
    assert done.status == 0, done.out


@pytest.mark.parametrize(
    ("body", "options", "shown"),
    [
        ("spinning(); assert 0, 'wrong'", (), "AssertionError: wrong"),
        ("spinning(); sys.exit(3)", (), "SystemExit: 3"),
        ("spinning(); signal.raise_signal(signal.SIGALRM)", ("--timeout=1000", *BY_SIGNAL), "Timeout"),
        (
            "spin = spinning(); signal.setitimer(signal.ITIMER_REAL, 1e-3); spin.wait()",
            ("--timeout=1000", *BY_SIGNAL),
            "Timeout",
        ),
    ],
)
def test_where_a_test_fails(inner: Inner, body: str, options: tuple[str, ...], shown: str) -> None:
    done = inner.run(body, *options)
    assert done.status == 1, done.out
    assert shown in done.out and "left running" not in done.out
    assert "another one ran" in done.out
    assert len(inner.started()) == 2 and inner.all_have_ended()


@pytest.mark.parametrize(
    ("body", "options", "status"),
    [
        ("spinning(); os.kill(os.getpid(), signal.SIGKILL)", (), -9),
        ("spinning(); os._exit(7)", (), 7),
        ("forked(); os.kill(os.getpid(), signal.SIGKILL)", (), -9),
    ],
)
def test_where_the_process_of_the_tests_is_ended(
    inner: Inner, body: str, options: tuple[str, ...], status: int
) -> None:
    done = inner.run(body, *options)
    assert done.status == status, done.out
    assert inner.started() and inner.all_have_ended()


@pytest.mark.parametrize("body", ["spinning()", "forked()"])
def test_where_a_worker_of_xdist_is_killed(inner: Inner, body: str) -> None:
    done = inner.run(f"{body}; os.kill(os.getpid(), signal.SIGKILL)", "-n", "1")
    assert done.status == 1, done.out
    assert "crashed while running 'test_inner.py::test_it'" in done.out
    assert inner.started() and inner.all_have_ended()


def test_where_the_process_that_distributes_the_tests_is_killed(inner: Inner) -> None:
    done = inner.run("spinning(); os.kill(os.getppid(), signal.SIGKILL)", "-n", "1")
    assert done.status == -9
    assert len(inner.started()) == 2 and inner.all_have_ended()


def test_a_worker_that_does_not_follow_the_process_that_distributes_the_tests() -> None:
    """Its keeper ends it, and what it has started."""
    mark = f"{os.getpid()}:{os.urandom(8).hex()}"
    with (
        subprocess.Popen(["sleep", "1000"]) as distributor,
        subprocess.Popen(["sleep", "1000"]) as worker,
        subprocess.Popen(["sleep", "1000"], env=os.environ | {processes.VARIABLE: mark}) as started,
    ):
        code = "from tests import processes; processes.TO_FOLLOW = 0.01\n"
        code += f"processes.keep({mark!r}, {worker.pid}, {distributor.pid})"
        with programs.start("-c", code) as keeper:
            assert started.poll() is None and worker.poll() is None
            distributor.kill()
            assert started.wait(programs.LIMIT) == -9
            assert worker.wait(programs.LIMIT) == -9
            assert keeper.wait(programs.LIMIT) == 0


def test_what_others_have_started_is_left_alone() -> None:
    mine, theirs = (f"{os.getpid()}:{os.urandom(8).hex()}" for _ in range(2))
    with (
        subprocess.Popen(["sleep", "1000"], env=os.environ | {processes.VARIABLE: mine}) as one,
        subprocess.Popen(["sleep", "1000"], env=os.environ | {processes.VARIABLE: theirs}) as other,
    ):
        assert processes.marked(mine) == [one.pid]
        assert processes.marked(theirs) == [other.pid]
        processes.end_all(mine)
        assert one.wait(programs.LIMIT) == -9
        assert other.poll() is None
        other.kill()


def test_every_process_of_the_tests_has_a_keeper() -> None:
    keepers = [
        line
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and leftovers.MARK in (line := processes.command(int(entry.name)))
    ]
    assert len(keepers) == 1
    assert keepers[0].startswith(f"{sys.executable} -I -S {processes.__file__} {leftovers.MARK} {os.getpid()}")
