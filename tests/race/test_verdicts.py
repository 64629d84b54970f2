"""Every race of the cases is reported, under the name that its docstring gives where it has one; the rest is not.

`GOFER_RACE_SEEDS=20` runs every file with as many seeds: no verdict may depend on the order.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gofer._core.sched import scheduler

pytestmark = pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="the detector needs the compiled core")
HERE = Path(__file__).parent


def since(path: Path) -> tuple[int, int]:
    """The Python that a file of cases needs, `cases_since_314.py` say."""
    _, found, version = path.stem.partition("_since_")
    return (int(version[0]), int(version[1:])) if found else (3, 11)


ALL = sorted(HERE.glob("cases_*.py"))
FILES = [path for path in ALL if since(path) <= sys.version_info]
SEEDS = range(1, 1 + int(os.environ.get("GOFER_RACE_SEEDS", "1")))


def tally(path: Path, *arguments: str, **environment: str) -> tuple[dict[str, str], list[str], list[str], list[str]]:
    """The cases of a file that failed, that should have been reported, that should not, and that were misnamed."""
    done = subprocess.run(
        [sys.executable, str(HERE / "tally.py"), str(path), *arguments],
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout.splitlines()[-1])
    assert verdicts, f"no case in {path}"
    failed = {name: text for name, text in verdicts.items() if isinstance(text, str)}
    sound = {name: verdict for name, verdict in verdicts.items() if name not in failed}
    missed = [name for name, verdict in sound.items() if name.startswith("test_race_") and not verdict["found"]]
    accused = [name for name, verdict in sound.items() if name.startswith("test_norace_") and verdict["found"]]
    misnamed = [
        f"{name}: {verdict['named']} not in {verdict['found']}"
        for name, verdict in sound.items()
        if verdict["found"] and verdict["named"] and verdict["named"] not in verdict["found"]
    ]
    return failed, missed, accused, misnamed


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_verdicts(path: Path) -> None:
    assert tally(path) == ({}, [], [], [])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_verdicts_in_another_order(path: Path, seed: int) -> None:
    assert tally(path, str(seed)) == ({}, [], [], [])


@pytest.mark.skipif(sys.version_info < (3, 15), reason="this Python has no lazy imports")
@pytest.mark.parametrize("name", ["closures", "names", "since_315", "threads"])
def test_verdicts_where_all_imports_are_lazy(name: str) -> None:
    assert tally(HERE / f"cases_{name}.py", PYTHON_LAZY_IMPORTS="all") == ({}, [], [], [])


def test_there_are_enough_cases() -> None:
    names = [(path, line) for path in ALL for line in path.read_text().splitlines() if line.startswith("def test_")]
    assert len(names) >= 1100
    assert len(names) == len(set(names)), "two cases of one name"
