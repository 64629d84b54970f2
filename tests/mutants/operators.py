"""Small faults that a text of Python may have had: each is a *mutant*, the text with one expression or statement
changed, on the same lines as before.

Left out is what says nothing about the tests of the core uncompiled: what only a race detector sees (under `HOOKS.on`),
what only the compiled core does, texts of messages, annotations, defaults, the module's own names, fields that a
constructor would no longer have (every test notices), and `del` of a local, which only moves the moment at which
something dies.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: "<=",
    ast.LtE: "<",
    ast.Gt: ">=",
    ast.GtE: ">",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "//",
    ast.FloorDiv: "*",
    ast.Div: "*",
    ast.BitAnd: "|",
    ast.BitOr: "&",
    ast.LShift: ">>",
    ast.RShift: "<<",
}
UNSEEN = ("HOOKS", ".clock", "open_edges", "cython.compiled")


class Edit(NamedTuple):
    """Replaces what a node covers."""

    node: ast.expr | ast.stmt
    text: str


@dataclass(frozen=True)
class Mutant:
    """A module's text with one change."""

    module: str
    function: str
    line: int
    before: str
    after: str
    text: str

    def __str__(self) -> str:
        return f"{self.module}.{self.function}, line {self.line}:\n    - {self.before}\n    + {self.after}"

    @property
    def key(self) -> str:
        """What names it, wherever in the function it stands."""
        return f"{self.module}.{self.function}: {self.before} -> {self.after}"


def of(module: str, text: str) -> list[Mutant]:
    """All mutants of a module."""
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    found = []
    for name, function in functions(tree.body, ""):
        for edit in edits(function.body):
            if function.name == "__init__" and isinstance(edit.node, ast.Assign):
                continue
            if edit.node is function.body[-1] and isinstance(edit.node, ast.Return) and edit.text == "pass":
                continue  # it would return None all the same
            mutant = mutated(module, name, lines, edit)
            if mutant.text != text:
                found.append(mutant)
    return found


def functions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef]]:
    """The functions and methods, not those inside of others."""
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name != "__repr__":
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from functions(node.body, f"{prefix}{node.name}.")


def mutated(module: str, function: str, lines: list[str], edit: Edit) -> Mutant:
    node = edit.node
    assert node.end_lineno is not None and node.end_col_offset is not None
    first, last = node.lineno - 1, node.end_lineno - 1
    head = lines[first].encode()[: node.col_offset].decode()
    tail = lines[last].encode()[node.end_col_offset :].decode()
    kept = edit.text + "\n" * (last - first - edit.text.count("\n"))  # what follows stays on its line
    if isinstance(node, ast.expr) and last > first:
        kept = f"({kept})"
    changed = head + kept + tail
    text = "".join([*lines[:first], changed, *lines[last + 1 :]])
    before = " ".join("".join(lines[first : last + 1]).split())
    return Mutant(module, function, node.lineno, before, " ".join(changed.split()), text)


def edits(body: list[ast.stmt]) -> Iterator[Edit]:
    """What can be changed in some statements, and in those that they hold."""
    for node in body:
        if isinstance(node, ast.If | ast.While) and any(name in ast.unparse(node.test) for name in UNSEEN):
            yield from edits(node.orelse)
            continue
        if any(name in head(node) for name in UNSEEN):
            continue
        yield from statement(node)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name | ast.Attribute | ast.Call):
            yield Edit(node.test, f"not {ast.unparse(node.test)}")
        for field in ("test", "value", "iter", "exc"):
            expression = getattr(node, field, None)
            if isinstance(expression, ast.expr) and not is_text(node):
                yield from expressions(expression, isinstance(node, ast.While))
        for field in ("body", "orelse", "finalbody"):
            yield from edits(getattr(node, field, []))
        for handler in getattr(node, "handlers", []):
            yield from edits(handler.body)


def head(node: ast.stmt) -> str:
    """The statement without those that it holds."""
    return ast.unparse(node).splitlines()[0] if hasattr(node, "body") else ast.unparse(node)


def is_text(node: ast.stmt) -> bool:
    """Whether it is a docstring, or raises an error, whose message is nobody's business here."""
    return isinstance(node, ast.Raise) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def statement(node: ast.stmt) -> Iterator[Edit]:
    """The statement left out, or one that is its opposite."""
    match node:
        case ast.Expr(value=ast.Constant()):
            pass
        case ast.Expr() | ast.AugAssign() | ast.Raise():
            yield Edit(node, "pass")
        case ast.Assign(targets=[target]) if not isinstance(target, ast.Name):
            yield Edit(node, "pass")
        case ast.Return(value=ast.Constant(value=None)) | ast.Return(value=None):
            yield Edit(node, "pass")
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield Edit(node, "return None")
        case ast.Break():
            yield Edit(node, "continue")
        case ast.Continue():
            yield Edit(node, "break")


def expressions(node: ast.expr, of_loop: bool = False) -> Iterator[Edit]:
    """What can be changed in an expression. A loop's condition is not turned around: every test would notice."""
    if any(name in ast.unparse(node) for name in UNSEEN):
        return
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            yield Edit(node, f"{ast.unparse(left)} {COMPARISONS[type(operator)]} {ast.unparse(right)}")
        case ast.BoolOp(op=operator, values=values):
            word = " or " if isinstance(operator, ast.And) else " and "
            yield Edit(node, word.join(f"({ast.unparse(value)})" for value in values))
            for value in values:
                yield Edit(
                    node,
                    (" and " if isinstance(operator, ast.And) else " or ").join(
                        f"({ast.unparse(other)})" for other in values if other is not value
                    ),
                )
        case ast.UnaryOp(op=ast.Not(), operand=operand) if not of_loop:
            yield Edit(node, ast.unparse(operand))
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in OPERATORS:
            yield Edit(node, f"{operand_text(left)} {OPERATORS[type(operator)]} {operand_text(right)}")
        case ast.Constant(value=bool() as value):
            yield Edit(node, str(not value))
        case ast.Constant(value=int() | float() as value):
            yield Edit(node, str(value + 1))
        case ast.IfExp(body=body, orelse=orelse):
            yield Edit(node, ast.unparse(body))
            yield Edit(node, ast.unparse(orelse))
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.keyword):
            child = child.value
        if isinstance(child, ast.expr) and not isinstance(child, ast.JoinedStr | ast.Lambda):
            yield from expressions(child)


def operand_text(node: ast.expr) -> str:
    return f"({ast.unparse(node)})" if isinstance(node, ast.BinOp) else ast.unparse(node)
