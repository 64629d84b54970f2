"""Every race of the cases is reported, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gofer._core import scheduler

pytestmark = pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="the detector needs the compiled core")
HERE = Path(__file__).parent


@pytest.mark.parametrize("path", sorted(HERE.glob("cases_*.py")), ids=lambda path: path.stem)
def test_verdicts(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "tally.py"), str(path)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout.splitlines()[-1])
    failed = {name: text for name, text in verdicts.items() if isinstance(text, str)}
    missed = [name for name, count in verdicts.items() if name.startswith("test_race_") and count == 0]
    accused = [name for name, count in verdicts.items() if name.startswith("test_norace_") and count != 0]
    assert (failed, missed, accused) == ({}, [], [])
