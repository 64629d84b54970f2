"""Imports as edges: a module's code runs before whoever imports it goes on, also where another imported it first."""

from __future__ import annotations

import ast
import importlib.util
import sys
from typing import Any

from gofer.race import detector

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


def importing(original: Any) -> Any:
    """`importlib.import_module`."""

    def import_module(name: str, package: str | None = None) -> Any:
        module = original(name, package)
        seen(importlib.util.resolve_name(name, package or ""))
        return module

    return import_module
