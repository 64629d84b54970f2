"""An installed wheel is tested as it is installed: what the tests import from a checkout is never its sources."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests import programs

NEEDED = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "src")

pytestmark = [
    pytest.mark.skipif(
        not all((programs.ROOT / name).exists() for name in NEEDED), reason="no wheel can be built here"
    ),
    pytest.mark.skipif(not importlib.util.find_spec("setuptools"), reason="setuptools is not installed here"),
    pytest.mark.skipif(not importlib.util.find_spec("pip"), reason="pip is not installed here"),
]


def call(*command: str, **changes: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | changes
    done = subprocess.run(command, cwd=programs.ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with a wheel in it, built without compiling anything; all else is this environment's."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in NEEDED:
        source, copy = programs.ROOT / name, folder / "source" / name
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("*.so", "__pycache__", "*.egg-info"))
        else:
            copy.parent.mkdir(exist_ok=True)
            shutil.copy(source, copy)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")
    how = ("--no-deps", "--no-index", "--no-build-isolation")
    call(*pip, "wheel", *how, "-w", str(folder), str(folder / "source"), GOFER_PURE="1")
    call(sys.executable, "-m", "venv", "--without-pip", str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    call(*pip, "--python", str(python), "install", *how, *map(str, folder.glob("*.whl")))
    there = call(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    # As a path only: the `.pth` of an editable install that lies there is not read.
    Path(there, "others.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def test_the_tests_run_with_what_is_installed(installed: Path) -> None:
    where = call(str(installed), "-c", "import gofer; print(gofer.__file__)").strip()
    assert where.startswith(str(installed.parent.parent))
    out = call(str(installed), "-m", "pytest", "-p", "no:cacheprovider", "-v", "tests/suite/test_children.py")
    assert " passed" in out and "skipped" not in out
