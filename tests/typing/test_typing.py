"""The annotations, as a user's type checker sees them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from tests import programs

HERE = Path(__file__).parent


def check(tool: str, *options: str) -> programs.Done:
    if importlib.util.find_spec(tool) is None:
        pytest.skip(f"{tool} is not installed here: make types installs it")
    return programs.run("-m", tool, *options)


def mypy(name: str) -> programs.Done:
    return check("mypy", "--strict", "--no-error-summary", "--hide-error-context", str(HERE / name))


def test_mypy_accepts_what_users_write() -> None:
    done = mypy("accepted.py")
    found = [line for line in done.out.splitlines() if "accepted.py" in line]
    assert found == [], done.err


def test_mypy_finds_every_mistake_and_no_other() -> None:
    text = (HERE / "rejected.py").read_text()
    expected = {number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# error")}
    done = mypy("rejected.py")
    found = {int(number) for number in re.findall(r"rejected\.py:(\d+): error", done.out)}
    assert found == expected, done.out + done.err


def test_pyright_accepts_what_users_write() -> None:
    done = check("pyright", str(HERE / "accepted.py"))
    assert done.status == 0, done.out + done.err
