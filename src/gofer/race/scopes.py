"""Which names of a module are globals that functions share, and which are captured variables."""

from __future__ import annotations

import symtable

COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")


class Scopes:
    """The symbol tables of one source, found by kind, name and line."""

    def __init__(self, source: str, filename: str, mode: str = "exec") -> None:
        self.shared: set[str] = set()
        self.tables: dict[tuple[str, int], list[symtable.SymbolTable]] = {}
        self.parents: dict[int, symtable.SymbolTable] = {}
        top = symtable.symtable(source, filename, mode)
        self.top = top
        self.bound = {s.get_name() for s in top.get_symbols() if s.is_assigned() and not s.is_namespace()}
        self.bound -= {s.get_name() for s in top.get_symbols() if s.is_imported()}
        self.given = {s.get_name() for s in top.get_symbols() if s.is_assigned()}
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
            return "global" if name in self.bound and name in self.shared else ""
        if isinstance(table, symtable.Class):
            return "cell" if symbol.is_free() else ""
        if symbol.is_free() or captured(table, name):
            return "" if symbol.is_parameter() and not reassigned(table, name) else "cell"
        return ""

    def owner(self, table: symtable.SymbolTable, name: str) -> str:
        """The function whose variable a captured name is."""
        while name in table.get_identifiers() and table.lookup(name).is_free():
            above = self.parents.get(table.get_id())
            if above is None:
                break
            table = self.enclosing(above, name)
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
