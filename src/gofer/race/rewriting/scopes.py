# ruff: noqa: N815 (ast names the visitors)
"""Which names of a module are globals that functions share, and which are captured variables.

A captured variable that is settled is left alone: it is bound once, by a statement outside every loop, and the
functions that capture it are all made after that. Nobody can have one of them before the variable has its value.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator, Sequence
from typing import Any

COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "listcomp", ast.SetComp: "setcomp", ast.DictComp: "dictcomp", ast.GeneratorExp: "genexpr",
}  # fmt: skip


class Scopes:
    """The symbol tables of one source; `of` has those of its functions, classes and comprehensions by their nodes."""

    def __init__(self, source: str, tree: ast.AST, filename: str, mode: str = "exec") -> None:
        self.shared: set[str] = set()
        self.parents: dict[int, symtable.SymbolTable] = {}
        self.settled: dict[int, set[str]] = {}
        top = symtable.symtable(source, filename, mode)
        self.top = top
        self.bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() and not s.is_namespace()}
        self.bound -= {s.get_name() for s in top.get_symbols() if s.is_imported()}
        self.given = {s.get_name() for s in top.get_symbols() if s.is_assigned()}
        self.imported = {s.get_name() for s in top.get_symbols() if s.is_imported()}
        tables: list[symtable.SymbolTable] = []
        self.walk(top, tables)
        self.of = Order(tables).tables_of(tree)

    def walk(self, table: symtable.SymbolTable, found: list[symtable.SymbolTable]) -> None:
        for child in table.get_children():
            self.parents[child.get_id()] = table
            found.append(child)
            for symbol in child.get_symbols():
                if symbol.is_global():
                    self.shared.add(symbol.get_name())
                    if symbol.is_declared_global() and (symbol.is_assigned() or symbol.is_imported()):
                        self.bound.add(symbol.get_name())
            self.walk(child, found)

    def around(self, node: ast.AST, otherwise: symtable.SymbolTable) -> symtable.SymbolTable:
        """The scope around that of a node: that of its type parameters, where it has any."""
        table = self.of.get(node)
        return otherwise if table is None else self.parents[table.get_id()]

    def kind(self, table: symtable.SymbolTable, name: str) -> str:
        """`global`, `cell` or nothing for a name used in a scope."""
        try:
            symbol = table.lookup(name)
        except KeyError:
            return ""
        if table.get_type() == "module" or symbol.is_global():
            return "global" if name in self.shared and (name in self.bound or self.is_foreign(name)) else ""
        if isinstance(table, symtable.Class):
            return "cell" if symbol.is_free() else ""
        if symbol.is_free() or captured(table, name):
            if symbol.is_parameter() and not reassigned(table, name):
                return ""
            return "" if name in self.settled.get(self.owning(table, name).get_id(), ()) else "cell"
        return ""

    def is_foreign(self, name: str) -> bool:
        """True if a global is none that the module binds, nor a built-in name: then others set it."""
        return not (name in self.given or name in self.imported or name.startswith("__") or hasattr(builtins, name))

    def owning(self, table: symtable.SymbolTable, name: str) -> symtable.SymbolTable:
        """The scope whose variable a captured name is."""
        while name in table.get_identifiers() and table.lookup(name).is_free():
            above = self.parents.get(table.get_id())
            if above is None:
                break
            table = self.enclosing(above, name)
        return table

    def owner(self, table: symtable.SymbolTable, name: str) -> str:
        """The function whose variable a captured name is."""
        table = self.owning(table, name)
        while name_of(table) in COMPREHENSIONS.values():
            table = self.parents[table.get_id()]
        name = name_of(table)
        return "<lambda>" if name == "lambda" else name

    def enclosing(self, table: symtable.SymbolTable, name: str) -> symtable.SymbolTable:
        """The nearest scope from `table` outwards that a captured name of an inner one can belong to.

        To a class it can where a comprehension there binds it, which is part of the class's code.
        """
        bound_in_class = None
        while isinstance(table, symtable.Class) or name not in table.get_identifiers():
            if bound_in_class is None and name in table.get_identifiers():
                bound_in_class = table
            above = self.parents.get(table.get_id())
            if above is None:
                return bound_in_class or table
            table = above
        return table


class Order(ast.NodeVisitor):
    """Goes through a source as the compiler does, and so comes to the scopes in the order of their tables.

    Not every scope has one: a comprehension may be part of the function around it (3.12). And not every table has one
    of the nodes that are asked about: annotations and type parameters have tables of their own.
    """

    def __init__(self, tables: list[symtable.SymbolTable]) -> None:
        self.waiting: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
        self.found: dict[ast.AST, symtable.SymbolTable] = {}
        for table in tables:
            if table.get_type() in ("function", "class"):
                self.waiting.setdefault((name_of(table), table.get_lineno()), []).append(table)

    def tables_of(self, tree: ast.AST) -> dict[ast.AST, symtable.SymbolTable]:
        """The tables of a tree's scopes, by their nodes."""
        self.visit(tree)
        return self.found

    def enter(self, node: Any, name: str, inside: Sequence[ast.AST | None]) -> None:
        """A scope, and what is in it."""
        tables = self.waiting.get((name, node.lineno))
        if tables:
            self.found[node] = tables.pop(0)
        self.each(inside)

    def each(self, nodes: Sequence[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.each([*node.targets, node.value])

    def visit_FunctionDef(self, node: Any) -> None:
        self.each(
            [*node.args.defaults, *node.args.kw_defaults, *node.decorator_list, *getattr(node, "type_params", ())]
        )
        arguments = (*node.args.posonlyargs, *node.args.args, node.args.vararg, *node.args.kwonlyargs, node.args.kwarg)
        self.each([*[item and item.annotation for item in arguments], node.returns])
        self.enter(node, node.name, node.body)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.each([*node.args.defaults, *node.args.kw_defaults])
        self.enter(node, "lambda", [node.body])

    def visit_ClassDef(self, node: Any) -> None:
        self.each([*node.decorator_list, *getattr(node, "type_params", ()), *node.bases, *node.keywords])
        self.enter(node, node.name, node.body)

    def comprehension(self, node: Any) -> None:
        first, *others = node.generators
        self.visit(first.iter)
        parts = [getattr(node, name, None) for name in ("value", "elt", "key")]
        self.enter(node, COMPREHENSIONS[type(node)], [first.target, *first.ifs, *others, *parts])

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension


def name_of(table: symtable.SymbolTable) -> str:
    """The name of a scope; that of a lambda or comprehension is in angle brackets from 3.15 on."""
    return table.get_name().strip("<>")


def captured(table: symtable.SymbolTable, name: str) -> bool:
    """True if a scope inside `table` uses its variable."""
    for child in table.get_children():
        try:
            symbol = child.lookup(name)
        except KeyError:
            symbol = None
        if symbol is not None and symbol.is_free():
            return True
        if symbol is None and captured(child, name):
            return True
    return False


def reassigned(table: symtable.SymbolTable, name: str) -> bool:
    """True if a variable is assigned to in its scope or in one inside."""
    if table.lookup(name).is_assigned():
        return True
    return any(
        name in child.get_identifiers() and child.lookup(name).is_free() and reassigned(child, name)
        for child in table.get_children()
    )


INNER = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)
Place = tuple[int, int]


def settled(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """The variables of a function that are bound once, before any scope inside it that uses them is entered."""
    ends: dict[str, Place] = {}
    lost: set[str] = set()
    for name, end in bindings(function.body, False):
        if name in ends or end is None:
            lost.add(name)
        ends[name] = end or (0, 0)
    for part in ast.walk(function):
        if isinstance(part, tuple(COMPREHENSIONS)):
            lost.update(names_captured(part))
    for inner in scopes_of(function):
        for part in ast.walk(inner):
            if isinstance(part, ast.Name) and (inner.lineno, inner.col_offset) < ends.get(part.id, (0, 0)):
                lost.add(part.id)
            elif isinstance(part, (ast.Nonlocal, ast.Global)):
                lost.update(part.names)
    return set(ends) - lost


def names_captured(node: Any) -> list[str]:
    """The names that a comprehension binds and that a function or generator inside of it uses."""
    scopes = [part for part in ast.walk(node) if part is not node and isinstance(part, (ast.Lambda, ast.GeneratorExp))]
    inner = {part.id for scope in scopes for part in ast.walk(scope) if isinstance(part, ast.Name)}
    parts = [part for generator in node.generators for part in ast.walk(generator.target)]
    bound = [part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]
    return [name for name in bound if name in inner]


def scopes_of(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """The outermost scopes inside a node."""
    for part in ast.iter_child_nodes(node):
        if isinstance(part, INNER):
            yield part
        else:
            yield from scopes_of(part)


def bindings(nodes: Sequence[ast.AST], repeated: bool) -> Iterator[tuple[str, Place | None]]:
    """The names that nodes bind in their scope, and where each has its value; None: not once, or not plainly."""
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            plain = not repeated and not node.decorator_list and not any(scopes_of(node.args))
            yield node.name, (node.lineno, node.col_offset) if plain else None
        elif isinstance(node, INNER):
            if isinstance(node, ast.ClassDef):
                yield node.name, None
            else:
                yield from bindings([part for part in ast.walk(node) if isinstance(part, ast.NamedExpr)], True)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value is not None and names_of(node):
            end = (node.end_lineno or 0, node.end_col_offset or 0)
            yield from ((name, None if repeated else end) for name in names_of(node))
            yield from bindings([node.value], True)
        elif isinstance(node, ast.With) and not repeated:
            for item in node.items:
                yield from bindings([item.context_expr], True)
                if isinstance(item.optional_vars, ast.Name):
                    at = item.optional_vars
                    yield at.id, (at.end_lineno or 0, at.end_col_offset or 0)
                elif item.optional_vars is not None:
                    yield from bindings([item.optional_vars], True)
            yield from bindings(node.body, False)
        else:
            yield from other_bindings(node, repeated)


def names_of(node: ast.Assign | ast.AnnAssign) -> list[str]:
    """What an assignment to nothing but names binds; empty for others."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    return names if len(names) == len(targets) else []


def other_bindings(node: ast.AST, repeated: bool) -> Iterator[tuple[str, Place | None]]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id, None
    for field in ("name", "rest"):
        if isinstance(getattr(node, field, None), str):
            yield getattr(node, field), None
    if isinstance(node, ast.alias):
        yield node.asname or node.name.partition(".")[0], None
    again = repeated or not isinstance(node, (ast.If, ast.Try))
    for _, value in ast.iter_fields(node):
        if isinstance(value, list):
            yield from bindings([part for part in value if isinstance(part, ast.AST)], again)
        elif isinstance(value, ast.AST):
            yield from bindings([value], True)
