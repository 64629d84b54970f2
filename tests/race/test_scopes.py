"""Every scope of a source gets its own symbol table; else what is in it would be looked at with a stranger's names."""

from __future__ import annotations

import ast
import os
import sys
import textwrap
import tokenize
from pathlib import Path
from typing import Any

import pytest

from gofer._core.sched import scheduler

if str(scheduler.__file__).endswith(".py"):
    pytest.skip("the detector needs the compiled core", allow_module_level=True)

import gofer.race  # noqa: F401 (its modules need each other in its order)
from gofer.race.rewriting.scopes import COMPREHENSIONS, Scopes

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
SCOPES = (*FUNCTIONS, ast.ClassDef, ast.GeneratorExp)


def parameters(node: Any) -> list[str]:
    given = node.args
    named = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    return [item.arg.lstrip("_") for item in named if item is not None]


def check(source: str, name: str) -> int:
    """How many scopes a source has; each must have a table of its name and parameters, and no table be left."""
    tree = ast.parse(source)
    scopes = Scopes(source, tree, name)
    made: list[Any] = []
    waiting: list[Any] = [scopes.top]
    while waiting:
        table = waiting.pop()
        waiting += table.get_children()
        made += [table] if table is not scopes.top and table.get_type() in ("function", "class") else []
    assert len(scopes.of) == len({table.get_id() for table in scopes.of.values()}) == len(made), name
    for node in ast.walk(tree):
        if isinstance(node, SCOPES):
            table = scopes.of[node]
            assert table.get_lineno() == node.lineno, (name, node.lineno)
            if isinstance(node, FUNCTIONS):
                mine = {part.split("__")[-1].lstrip("_") for part in table.get_parameters()}  # type: ignore[attr-defined]
                assert mine == {part.split("__")[-1] for part in parameters(node)}, (name, node.lineno)
    return len(made)


def sources() -> list[Path]:
    library, ours = Path(os.__file__).parent, Path(__file__).parent
    return [*library.glob("*.py"), *library.glob("asyncio/*.py"), *ours.glob("cases_*.py")]


def test_each_scope_of_the_standard_library_has_its_own_table() -> None:
    found = 0
    for path in sources():
        try:
            with tokenize.open(path) as file:
                source = file.read()
            ast.parse(source)
        except (SyntaxError, UnicodeDecodeError):
            continue
        found += check(source, str(path))
    assert found > 5_000


LINES = """
    held[(lambda a: 1)(0)], (lambda b: 2)(0).x = (lambda c: 3)(0), (lambda d: 4)(0)
    for held[(lambda a: 1)(0)] in (lambda b: 2)(0): (lambda c: 3)(0)
    f = lambda p=(lambda a: 1), *, q=(lambda b: 2): (lambda c: 3)
    def g(p=(lambda a: 1), *, q=(lambda b: 2)): return (lambda c: 3)
    def h(p: (lambda a: 1), *q: (lambda b: 2)) -> (lambda c: 3): return (lambda d: 3)
    class C((lambda a: 1)(0), named=(lambda b: 2)(0)): kept = (lambda c: 3)
    [(lambda a: 1) for held[(lambda b: 2)(0)] in (lambda c: 3)(0) if (lambda d: 4) for x in (lambda e: 5)(0)]
    {(lambda a: 1): (lambda b: 2) for x in (lambda c: 3)(0) if (lambda d: 4)}
    list((lambda a: 1) for x in (lambda b: 2)(0) if (lambda c: 3) for y in (lambda d: 4)(0))
    held[(lambda a: 1)(0)] += (lambda b: 2)(0)
    with (lambda a: 1)(0) as held[(lambda b: 2)(0)], (lambda c: 3)(0) as x: (lambda d: 4)
    x = (lambda a: 1) if (lambda b: 2) else (lambda c: 3)
    x = {(lambda a: 1): (lambda b: 2), **(lambda c: 3)(0), (lambda d: 4): (lambda e: 5)}
    held[(lambda a: 1)(0)]: (lambda b: 2) = (lambda c: 3)(0)
    (lambda a: 1)(0)((lambda b: 2), *(lambda c: 3)(0), k=(lambda d: 4), **(lambda e: 5)(0))
    f"{(lambda a: 1)} {(lambda b: 2)!r:{(lambda c: 3)}}"
    assert (lambda a: 1), (lambda b: 2)
    (y := (lambda a: 1)), (lambda b: 2), (lambda a: (lambda b: 3))
    if (lambda a: 1): (lambda b: 2)
"""


@pytest.mark.parametrize("line", [line for line in textwrap.dedent(LINES).splitlines() if line])
def test_scopes_of_one_line(line: str) -> None:
    assert check(line, "line") >= 2
    assert check(f"async def outer():\n    {line}", "line in a function") >= 3
    assert check(f"class Outer:\n    {line}", "line in a class") >= 3


NEWER = {
    (3, 12): """
        def g[T: (lambda a: 1)](p: T = (lambda b: 2)): return (lambda c: 3)
        class C[T: (lambda a: 1)]((lambda b: 2)(0)): kept = (lambda c: 3)
        type A[T] = (lambda a: 1)
    """,
    (3, 13): "def g[T = (lambda a: 1)](p): return (lambda b: 2)",
    (3, 14): """
        t"{(lambda a: 1)} {(lambda b: 2)!r:{(lambda c: 3)}}"
        class C: x: int; y: (lambda a: 1) = (lambda b: 2); __annotate__ = lambda c: 3
    """,
    (3, 15): """
        [*(lambda a: 1)(0) for x in (lambda b: 2)(0)]
        {**(lambda a: 1)(0) for x in (lambda b: 2)(0) if (lambda c: 3)}
        list(*(lambda a: 1)(0) for x in (lambda b: 2)(0))
    """,
}


@pytest.mark.parametrize("since", NEWER)
def test_scopes_of_newer_lines(since: tuple[int, int]) -> None:
    if sys.version_info < since:
        pytest.skip("this Python has no such syntax")
    for line in textwrap.dedent(NEWER[since]).strip().splitlines():
        assert check(line, "line") >= 1
        if sys.version_info >= (3, 13):  # before, no lambda was allowed there
            assert check(f"class Outer:\n    {line}", "line in a class") >= 2


def test_the_names_of_comprehensions_are_known() -> None:
    """Where one has a table of its own, it is found by that name."""
    for kind, text in {ast.ListComp: "[{}]", ast.SetComp: "{{{}}}", ast.GeneratorExp: "({})"}.items():
        assert kind in COMPREHENSIONS
        check(text.format("(lambda: n) for n in y"), kind.__name__)
