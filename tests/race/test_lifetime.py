"""What has ended is forgotten: goroutines one after another, and objects, in flat memory; many live goroutines."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from gofer._core.sched import scheduler

pytestmark = pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="the detector needs the compiled core")
PROGRAM = Path(__file__).with_name("lifetime.py")
SOME = 2_000  # slots, clock nodes, objects and variables that may not be free yet; what is never freed is 18,000


def run(function: str, n: int) -> tuple[dict[str, int], dict[str, int]]:
    """What the detector held after a tenth of the work, and in the end; no race was found."""
    command = [sys.executable, str(PROGRAM), function, str(n)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert result["races"] == 0, done.stderr
    return result["held"][0], result["held"][1]


@pytest.mark.parametrize(("function", "n"), [("one_after_another", 20_000), ("in_groups", 20_000), ("objects", 20_000)])
def test_what_has_ended_is_forgotten(function: str, n: int) -> None:
    early, late = run(function, n)
    for name in ("clock slots", "clock nodes", "objects", "variables"):
        assert late[name] <= early[name] + SOME, (name, early, late)
    assert late["memory"] <= early["memory"] + 200_000, (early, late)


def test_many_live_goroutines() -> None:
    _, late = run("live", 2_000)
    assert late["clock slots"] >= 1_800  # so many were live at once
    assert late["memory"] < 2_000 * 20_000


def printed(tmp_path: Path, options: str) -> str:
    """What a program without races prints under `-race`."""
    program = tmp_path / "main.py"
    program.write_text(
        "from gofer import sync\nnames, wg = {}, sync.WaitGroup()\nwg.go(print, names)\nwg.wait()\nnames[1] = 2\n"
    )
    command = [sys.executable, "-m", "gofer", "run", "-race", str(program)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, env={**os.environ, "GORACE": options}
    )
    assert done.returncode == 0, done.stderr
    return done.stderr


def test_verbose_prints_what_the_detector_holds(tmp_path: Path) -> None:
    line = re.search(
        r"^race detector: (\d+\.\d) MB, (\d+) objects, (\d+) variables, (\d+) accesses recorded, (\d+) stack frames, "
        r"(\d+) clock slots, (\d+) clock nodes$",
        printed(tmp_path, "verbose=1"),
        re.MULTILINE,
    )
    assert line, "no line"
    assert float(line[1]) > 0
    assert int(line[4]) >= 1
    assert int(line[6]) >= 1
    assert "race detector:" not in printed(tmp_path, "verbose=0")


def test_long_chains_of_objects_end(tmp_path: Path) -> None:
    """The interpreter's limit on nested deallocations is off for what is watched; there is one of the detector's."""
    program = tmp_path / "main.py"
    program.write_text(
        """
def closure(before):
    def inner():
        nonlocal before
        return before

    return inner

def generator(before):
    yield before

class Node:
    def __init__(self, before):
        self.before = before

for make in (closure, generator, Node, lambda before: [before], lambda before: {"before": before}):
    last = make(None)
    if make is closure:
        last()
    if make is generator:
        next(last)
    for _ in range(2_000):
        last = make(last)
        getattr(last, "before", None)
        last = [last]
        last.append(1)
    del last
print("all")
"""
    )
    command = [sys.executable, "-X", "faulthandler", "-m", "gofer", "run", "-race", str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (0, "all\n"), done.stderr
