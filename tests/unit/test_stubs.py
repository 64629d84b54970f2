"""The stubs of compiled modules say what the modules are: names, methods and parameters."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from gofer._core.sched import scheduler
from tests import programs

SOURCES = programs.ROOT / "src"
STUBS = sorted((SOURCES / "gofer").rglob("*.pyi"))
COMPILED = not str(scheduler.__file__).endswith(".py")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def module_of(stub: Path) -> object:
    return importlib.import_module(".".join(stub.relative_to(SOURCES).with_suffix("").parts))


def parsed(stub: Path) -> ast.Module:
    return ast.parse(stub.read_text())


def source(stub: Path) -> ast.Module:
    return ast.parse(stub.with_suffix(".py").read_text())


def private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


def classes(tree: ast.Module) -> dict[str, ast.ClassDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def attributes_of(node: ast.ClassDef) -> set[str]:
    return {
        part.target.id for part in node.body if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name)
    }


def properties(node: ast.ClassDef) -> set[str]:
    return {name for name, function in functions(node.body).items() if function.decorator_list}


def functions(body: list[ast.stmt]) -> dict[str, Function]:
    return {node.name: node for node in body if isinstance(node, Function)}


def parameters(function: Function) -> list[tuple[str, str, bool]]:
    """Kind, name and whether there is a default, of each parameter."""
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    required = len(positional) - len(given.defaults)
    rows = [
        ("positional only" if index < len(given.posonlyargs) else "positional", parameter.arg, index >= required)
        for index, parameter in enumerate(positional)
    ]
    rows += [("*", given.vararg.arg, False)] if given.vararg else []
    rows += [("keyword", p.arg, d is not None) for p, d in zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    rows += [("**", given.kwarg.arg, False)] if given.kwarg else []
    return rows


def pairs(stub: Path) -> Iterator[tuple[str, Function, Function]]:
    """Name, stub and source of each function and method that the stub declares."""
    declared, written = parsed(stub), source(stub)
    for name, function in functions(declared.body).items():
        yield name, function, functions(written.body)[name]
    for name, node in classes(declared).items():
        if name not in classes(written):
            continue
        methods = functions(classes(written)[name].body)
        for method, function in functions(node.body).items():
            if method in methods:
                yield f"{name}.{method}", function, methods[method]


def test_there_are_stubs() -> None:
    assert STUBS


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.stem)
def test_what_a_stub_declares_is_there(stub: Path) -> None:
    module = module_of(stub)
    for name, node in classes(parsed(stub)).items():
        if private(name):
            continue
        found = getattr(module, name)
        assert inspect.isclass(found), name
        for method, declared in functions(node.body).items():
            if not COMPILED and declared.decorator_list:
                continue  # uncompiled, a read-only field of C is a plain attribute of the instance
            assert hasattr(found, method), f"{name}.{method}"
        for attribute in (part.target for part in node.body if isinstance(part, ast.AnnAssign)):
            assert isinstance(attribute, ast.Name)
            assert hasattr(found, attribute.id), f"{name}.{attribute.id}"
    for name in functions(parsed(stub).body):
        assert callable(getattr(module, name)), name


@pytest.mark.skipif(not COMPILED, reason="uncompiled, what is private in C is visible")
@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.stem)
def test_what_a_module_has_is_in_its_stub(stub: Path) -> None:
    module = module_of(stub)
    for name, node in classes(parsed(stub)).items():
        members = vars(getattr(module, name, object))
        missing = [
            member
            for member in members
            if not member.startswith("_") and member not in {*functions(node.body), *attributes_of(node)}
        ]
        assert missing == [], f"{stub.name}: {name}"


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.stem)
def test_parameters_are_those_of_the_source(stub: Path) -> None:
    for name, declared, written in pairs(stub):
        if name.endswith(("__init__", "__new__")):
            continue
        assert parameters(declared) == parameters(written), f"{stub.name}: {name}"
