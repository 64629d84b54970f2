"""Imports as edges: a module's code runs before whoever imports it goes on, also where another imported it first.

A lazy import executes the module where its name is first used, and whoever uses the name later comes after that.
"""

from __future__ import annotations

import ast
import importlib.util
import sys
from typing import Any

from gofer.race.engine import detector

LOADED: dict[str, Any] = {}


def loaded() -> None:
    """The last statement of a module's code: the module has been executed."""
    if detector.SWITCH.on:
        LOADED[sys._getframe(1).f_globals.get("__name__", "")] = detector.snapshot_of(detector.current())


def seen(name: str) -> None:
    """The module and the packages that it is in come before what follows."""
    parts = name.split(".")
    for size in range(1, len(parts) + 1):
        detector.acquire_into(detector.current(), LOADED.get(".".join(parts[:size])))


class Imported:
    """An import statement: what it names."""

    def __init__(self, node: ast.Import | ast.ImportFrom) -> None:
        self.level = 0
        self.base = ""
        self.names = tuple(item.name for item in node.names)
        if isinstance(node, ast.ImportFrom):
            self.level, self.base = node.level, node.module or ""

    def seen(self) -> None:
        """The statement has been executed."""
        if not detector.SWITCH.on or not LOADED:
            return
        base = self.base
        if self.level:
            package = sys._getframe(1).f_globals.get("__package__") or ""
            base = importlib.util.resolve_name("." * self.level + base, package)
        for name in self.names:
            seen(f"{base}.{name}" if base else name)


class Lazy:
    """What a name stands for that lazy imports bind."""

    def __init__(self) -> None:
        self.modules: list[tuple[int, str]] = []
        self.names: tuple[str, ...] | None = None

    def used(self, value: Any) -> Any:
        """The name has been read, and so its modules executed."""
        if detector.SWITCH.on and LOADED:
            if self.names is None:
                self.names = self.resolved(sys._getframe(1).f_globals.get("__package__") or "")
            for name in self.names:
                detector.acquire_into(detector.current(), LOADED.get(name))
        return value

    def resolved(self, package: str) -> tuple[str, ...]:
        """The full names of the modules, and of the packages that they are in."""
        found: dict[str, None] = {}
        for level, name in self.modules:
            parts = importlib.util.resolve_name("." * level + name, package).split(".")
            found.update(dict.fromkeys(".".join(parts[:size]) for size in range(1, len(parts) + 1)))
        return tuple(found)


def lazily(tree: ast.Module) -> dict[str, Lazy]:
    """The names that a module's imports may bind lazily: those that say so, or all where something else says so."""
    found: dict[str, Lazy] = {}
    everything = getattr(sys, "get_lazy_imports", str)() == "all" or any(
        isinstance(part, ast.Name) and part.id == "__lazy_modules__" for part in ast.walk(tree)
    )
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)) and (everything or getattr(node, "is_lazy", 0)):
            level, base = (node.level, node.module or "") if isinstance(node, ast.ImportFrom) else (0, "")
            for item in node.names:
                bound = item.asname or (item.name if base or level else item.name.partition(".")[0])
                name = f"{base}.{item.name}" if base else item.name
                found.setdefault(bound, Lazy()).modules.append((level, name))
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            waiting += ast.iter_child_nodes(node)
    return found


def importing(original: Any) -> Any:
    """`importlib.import_module`."""

    def import_module(name: str, package: str | None = None) -> Any:
        module = original(name, package)
        seen(importlib.util.resolve_name(name, package or ""))
        return module

    return import_module
