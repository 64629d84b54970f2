"""The build itself: the GIL stays off, stubs and run time agree."""

import ast
import importlib
import sys
from pathlib import Path

import pytest

import gofer

CORE = Path(gofer.__file__).parent / "_core"


def test_the_gil_stays_as_it_was() -> None:
    if sys.version_info < (3, 13) or "free-threading" not in sys.version:
        pytest.skip("this interpreter has a GIL")
    assert not sys._is_gil_enabled()


@pytest.mark.parametrize("stub", sorted(path.stem for path in CORE.glob("*.pyi")))
def test_a_stub_names_what_there_is(stub: str) -> None:
    module = importlib.import_module(f"gofer._core.{stub}")
    for node in ast.parse((CORE / f"{stub}.pyi").read_text()).body:
        if isinstance(node, ast.FunctionDef):
            assert callable(getattr(module, node.name))
        if isinstance(node, ast.ClassDef):
            kind = getattr(module, node.name)
            declared = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            assert declared <= set(dir(kind))
            public = {name for name in vars(kind) if not name.startswith("_")}
            assert node.name == "Selected" or str(module.__file__).endswith(".py") or public - {"chan"} <= declared
