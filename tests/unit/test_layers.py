"""Imports point down only: the contracts of pyproject.toml, and what they do not see, the `cimport`s."""

from __future__ import annotations

import ast
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from tests import programs

CORE = programs.ROOT / "src" / "gofer" / "_core"
CIMPORTED = re.compile(r"^from ([\w.]+) cimport ([^\n#]+)", re.MULTILINE)
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


def floors(contract: str) -> tuple[str, list[set[str]]]:
    """A package and the rooms of each floor of it, the lowest first."""
    contracts = tomllib.loads((programs.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (found,) = (each for each in contracts if each["id"] == contract)
    return found["containers"][0], [set(layer.split(" | ")) for layer in reversed(found["layers"])]


@pytest.mark.parametrize("contract", ["rooms", "race-rooms"])
def test_cimports_point_down_between_rooms(contract: str) -> None:
    package, floor_of = floors(contract)
    folder = programs.ROOT.joinpath("src", *package.split("."))
    level = {room: number for number, rooms in enumerate(floor_of) for room in rooms}
    named = re.compile(
        rf"^\s*from {re.escape(package)}\.(\w+)[\w.]* cimport|^\s*cimport {re.escape(package)}\.(\w+)", re.MULTILINE
    )
    files = [path for path in folder.rglob("*.pxd") if path.parent != folder]
    assert files
    wrong = []
    for path in files:
        room = path.relative_to(folder).parts[0]
        for one, other in named.findall(path.read_text()):
            used = one or other
            if used != room and level[used] >= level[room]:
                wrong.append(f"{path.relative_to(folder)}: {used}")
    assert wrong == []


def used_modules(package: str) -> dict[str, set[str]]:
    """What each module of a package needs of that package to be imported or compiled: `import`s and `cimport`s."""
    source = programs.ROOT / "src"
    paths = {
        ".".join(path.relative_to(source).with_suffix("").parts): path
        for path in source.joinpath(*package.split(".")).rglob("*.py")
        if path.stem != "__init__"
    }
    found: dict[str, set[str]] = {name: set() for name in paths}
    for name, path in paths.items():
        declared = path.with_suffix(".pxd")
        text = declared.read_text() if declared.exists() else ""
        lines = CIMPORTED.findall(text)
        for statement in ast.parse(path.read_text()).body:
            if isinstance(statement, ast.ImportFrom):
                lines += [(statement.module or "", each.name) for each in statement.names]
        for module, names in lines:
            for each in names.strip("()").split(","):
                found[name] |= {f"{module}.{each.split()[0]}", module} & paths.keys()
    return found


@pytest.mark.parametrize("package", ["gofer._core", "gofer.race"])
def test_there_are_no_circles(package: str) -> None:
    left = used_modules(package)
    assert len(left) > 10
    while free := {name for name, used in left.items() if not used & left.keys()}:
        left = {name: used for name, used in left.items() if name not in free}
    assert left == {}


def test_the_core_names_no_module_above_it() -> None:
    allowed = ("gofer._core", "gofer._version")
    upwards = [
        f"{path.name}: {name}"
        for path in sorted([*CORE.rglob("*.py"), *CORE.rglob("*.pxd"), *CORE.rglob("*.pyi")])
        for name in IMPORTED.findall(path.read_text())
        if not name.startswith(allowed)
    ]
    assert upwards == []


def test_the_core_names_greenlet_in_one_place() -> None:
    imports = re.compile(r"^\s*(from|import) greenlet", re.MULTILINE)
    assert [path.stem for path in CORE.rglob("*.py") if imports.search(path.read_text())] == ["switch"]
