"""`--race-atomic-builtins`: which accesses are a statement of their own that CPython documents as atomic.

Documented is the container's operation alone, with names and constants around it: `items.append(n)`, `x = table[key]`,
`table[key] = x`. In `table[key] = table[key] + 1`, or where arguments are calls, something may come in between, so that
stays a race. Told from the source text of the statement that made the access; without its text it is not single.
"""

from __future__ import annotations

import ast
import linecache
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from types import CodeType
from typing import Any

METHODS: dict[type, frozenset[str]] = {
    list: frozenset({"append", "clear", "copy", "extend", "insert", "pop", "reverse", "sort"}),
    dict: frozenset({"clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "update", "values"}),
    set: frozenset({"add", "clear", "copy", "discard", "pop", "remove", "update"}),
}


def is_single(target: Any, code: CodeType, lasti: int) -> bool:
    """True if the access to `target` at this instruction is a documented operation, and all that its statement does."""
    methods = METHODS.get(type(target))
    if methods is None:
        return False
    place = next(islice(code.co_positions(), lasti // 2, None), None)
    if place is None or place[0] is None or place[2] is None:
        return False
    around = innermost(code.co_filename, place[0], place[2])
    if isinstance(around, ast.Lambda):
        return is_operation(around.body, methods)
    if isinstance(around, ast.Expr | ast.Return):
        return is_operation(around.value, methods)
    if isinstance(around, ast.Assign) and len(around.targets) == 1:
        goal = around.targets[0]
        if isinstance(goal, ast.Name):
            return is_operation(around.value, methods)
        return is_element(goal) and is_plain(around.value)
    return isinstance(around, ast.Delete) and len(around.targets) == 1 and is_element(around.targets[0])


@lru_cache(4096)
def innermost(filename: str, line: int, column: int) -> ast.stmt | ast.Lambda | None:
    """The innermost statement or lambda around a place of a file."""
    found = None
    for node in places(filename):
        begin, end = (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)
        body = (node.body.lineno, node.body.col_offset) if isinstance(node, ast.Lambda) else begin
        if begin <= (line, column) < end and body <= (line, column):
            found = node  # they come from the outside in
    return found


@lru_cache(64)
def places(filename: str) -> tuple[ast.stmt | ast.Lambda, ...]:
    """The statements and lambdas of a file, each after what is around it."""
    try:
        tree = ast.parse("".join(linecache.getlines(filename)))
    except SyntaxError:
        return ()
    return tuple(inside(tree))


def inside(node: ast.AST) -> Iterator[ast.stmt | ast.Lambda]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.Lambda):
            yield child
        yield from inside(child)


def is_operation(node: ast.expr | None, methods: frozenset[str]) -> bool:
    """True if an expression is one read of an element, or one call of a documented method."""
    if not isinstance(node, ast.Call):
        return node is not None and is_element(node)
    method = node.func
    if not (isinstance(method, ast.Attribute) and method.attr in methods and is_plain(method.value)):
        return False
    return all(map(is_plain, node.args)) and all(is_plain(keyword.value) for keyword in node.keywords)


def is_element(node: ast.expr) -> bool:
    """True if it is `x[key]`, of what is plain."""
    return isinstance(node, ast.Subscript) and is_plain(node.value) and is_plain(node.slice)


def is_plain(node: ast.expr) -> bool:
    """True if looking at it runs nothing: names, their attributes, constants, and slices and tuples of those."""
    if isinstance(node, ast.Attribute | ast.UnaryOp):
        return is_plain(node.value if isinstance(node, ast.Attribute) else node.operand)
    if isinstance(node, ast.Slice):
        return all(is_plain(bound) for bound in (node.lower, node.upper, node.step) if bound is not None)
    if isinstance(node, ast.Tuple):
        return all(map(is_plain, node.elts))
    return isinstance(node, ast.Name | ast.Constant)
