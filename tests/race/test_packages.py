"""The suites of installed packages pass instrumented exactly as they do without.

`GOFER_RACE_PACKAGES` names them, with spaces between: packages that bring their tests, such as `simplejson toolz bs4
networkx.classes`. Each is instrumented whole, and its tests are `PACKAGE.tests`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from tests import programs

PACKAGES = os.environ.get("GOFER_RACE_PACKAGES", "").split()
OPTIONS = ("-p", "no:cacheprovider", "-p", "no:xdist", "-c", os.devnull, "-W", "ignore", "-q", "-rA")


SHOWN = ("-p", "instrumented")
INSTRUMENTED = """
from gofer.race.rewriting.loader import REWRITTEN
def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"REWRITTEN {sum(PACKAGE in str(path) for path in REWRITTEN)}")
"""


def outcomes(*arguments: str, path: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
        stdin=subprocess.DEVNULL,
        env=programs.environment(PYTHONPATH=os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(path)]))),
    )
    rewritten = re.search(r"^REWRITTEN (\d+)$", done.stdout, re.MULTILINE)
    assert "-race" not in arguments or (rewritten and int(rewritten[1]) > 1), done.stdout[-2000:]
    found = re.findall(r"^(PASSED|FAILED|ERROR|XFAIL|XPASS) (\S+)", done.stdout, re.MULTILINE)
    return {name: outcome for outcome, name in found}


@pytest.mark.skipif(not PACKAGES, reason="takes minutes: GOFER_RACE_PACKAGES='simplejson toolz'")
@pytest.mark.timeout(2000)
@pytest.mark.parametrize("package", PACKAGES)
def test_the_suite_of_a_package(package: str, tmp_path: Path) -> None:
    spec = find_spec(f"{package}.tests")
    assert spec is not None and spec.submodule_search_locations, f"{package} is not installed, or brings no tests"
    tests = spec.submodule_search_locations[0]
    top = package.partition(".")[0]
    (tmp_path / "instrumented.py").write_text(f"PACKAGE = {f'{os.sep}{top}{os.sep}'!r}\n{INSTRUMENTED}")
    plain = outcomes("-m", "pytest", *OPTIONS, f"--rootdir={tmp_path}", tests, path=tmp_path)
    include = ("--race-include", top, "--race-include", f"{top}.*")
    watched = outcomes(
        "-m",
        "gofer",
        "test",
        "-race",
        *include,
        "-p",
        "instrumented",
        *OPTIONS,
        f"--rootdir={tmp_path}",
        tests,
        path=tmp_path,
    )
    assert plain
    assert watched == plain
