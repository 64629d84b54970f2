"""Which names of a module are globals that functions share, and which are captured variables.

A captured variable that is settled is left alone: it is bound once, by a statement outside every loop, and the
functions that capture it are all made after that. Nobody can have one of them before the variable has its value.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator, Sequence

COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")


class Scopes:
    """The symbol tables of one source, found by kind, name and line."""

    def __init__(self, source: str, filename: str, mode: str = "exec") -> None:
        self.shared: set[str] = set()
        self.tables: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
        self.parents: dict[int, symtable.SymbolTable] = {}
        self.settled: dict[int, set[str]] = {}
        top = symtable.symtable(source, filename, mode)
        self.top = top
        self.bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() and not s.is_namespace()}
        self.bound -= {s.get_name() for s in top.get_symbols() if s.is_imported()}
        self.given = {s.get_name() for s in top.get_symbols() if s.is_assigned()}
        self.imported = {s.get_name() for s in top.get_symbols() if s.is_imported()}
        self.walk(top)

    def walk(self, table: symtable.SymbolTable) -> None:
        for child in table.get_children():
            self.parents[child.get_id()] = table
            self.tables.setdefault((child.get_name(), child.get_lineno()), []).append(child)
            for symbol in child.get_symbols():
                if symbol.is_global():
                    self.shared.add(symbol.get_name())
                    if symbol.is_declared_global() and (symbol.is_assigned() or symbol.is_imported()):
                        self.bound.add(symbol.get_name())
            self.walk(child)

    def find(self, name: str, line: int) -> symtable.SymbolTable | None:
        """The table of a function, lambda, class or comprehension, each handed out once."""
        tables = self.tables.get((name, line))
        return tables.pop(0) if tables else None

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
        """Whether a global is none that the module binds, nor a built-in name: then others set it."""
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
        while table.get_name() in COMPREHENSIONS:
            table = self.parents[table.get_id()]
        name = table.get_name()
        return "<lambda>" if name == "lambda" else name

    def enclosing(self, table: symtable.SymbolTable, name: str) -> symtable.SymbolTable:
        """The nearest scope from `table` outwards that a captured name of an inner one can belong to."""
        while isinstance(table, symtable.Class) or name not in table.get_identifiers():
            above = self.parents.get(table.get_id())
            if above is None:
                break
            table = above
        return table


def captured(table: symtable.SymbolTable, name: str) -> bool:
    """Whether a scope inside `table` uses its variable."""
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
    """Whether a variable is assigned to in its scope or in one inside."""
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
    for inner in scopes_of(function):
        for part in ast.walk(inner):
            if isinstance(part, ast.Name) and (inner.lineno, inner.col_offset) < ends.get(part.id, (0, 0)):
                lost.add(part.id)
            elif isinstance(part, (ast.Nonlocal, ast.Global)):
                lost.update(part.names)
    return set(ends) - lost


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
