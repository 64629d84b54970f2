"""Imports point down only: the contracts of pyproject.toml, and what they do not see, the `cimport`s."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests import programs

CORE = programs.ROOT / "src" / "gofer" / "_core"
IMPORTED = re.compile(r"^\s*(?:from|import|cimport)\s+(gofer[\w.]*)", re.MULTILINE)


def test_the_contracts_hold() -> None:
    command = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if command is None:
        pytest.skip("import-linter is not installed here: make lint installs it")
    code = (
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command(['--no-cache']))"
    )
    done = programs.run("-c", code)
    assert done.status == 0, done.out + done.err


def test_the_core_names_no_module_above_it() -> None:
    allowed = ("gofer._core", "gofer._version")
    upwards = [
        f"{path.name}: {name}"
        for path in sorted([*CORE.glob("*.py"), *CORE.glob("*.pxd"), *CORE.glob("*.pyi")])
        for name in IMPORTED.findall(path.read_text())
        if not name.startswith(allowed)
    ]
    assert upwards == []


def test_the_core_names_greenlet_in_one_place() -> None:
    imports = re.compile(r"^\s*(from|import) greenlet", re.MULTILINE)
    assert [path.stem for path in CORE.glob("*.py") if imports.search(path.read_text())] == ["switch"]
