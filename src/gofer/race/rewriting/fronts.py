"""The library's classes that stand in front of a container and are written in Python: their methods get probes.

`UserDict`, `UserList` and `ChainMap` do nothing to a container but what their own methods do, so these are all that has
to be seen. Only their code is replaced, once a module of the program names one of them; the functions stay.
"""

from __future__ import annotations

import ast
import collections
import types
from collections.abc import Iterator
from typing import Any

from gofer.race.effects.peek import names_of
from gofer.race.rewriting.instrument import compile_instrumented

CLASSES: tuple[type, ...] = (collections.UserDict, collections.UserList, collections.ChainMap)
_plain: list[tuple[types.FunctionType, types.CodeType]] = []


def named_in(source: str) -> bool:
    """True if a source has the name of one of the classes in it."""
    return any(kind.__name__ in source for kind in CLASSES)


def alone(source: str, names: set[str]) -> str:
    """The source with nothing left in it but these classes, at their lines."""
    kept: set[int] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name in names:
            kept.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return "\n".join(line if number in kept else "" for number, line in enumerate(source.split("\n"), 1))


def codes_of(code: types.CodeType) -> Iterator[types.CodeType]:
    """The codes of the methods of all classes in a module's code."""
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from (method for method in inner.co_consts if isinstance(method, types.CodeType))


def methods_of(kind: type) -> Iterator[types.FunctionType]:
    """The functions that a class has, those behind decorators as well."""
    for found in list(vars(kind).values()):
        function: Any = getattr(found, "__func__", found)
        function = getattr(function, "__wrapped__", function)
        if type(function) is types.FunctionType:
            yield function


def install() -> None:
    """Gives the methods code with probes in it, where their source is at hand."""
    if _plain:
        return
    try:
        with open(collections.__file__, encoding="utf-8") as file:
            source = file.read()
    except OSError:
        return
    names = {name for kind in CLASSES for name in names_of(kind)[:1]}
    code = compile_instrumented(alone(source, names), collections.__file__)
    probed = {(method.co_name, method.co_firstlineno): method for method in codes_of(code)}
    for kind in CLASSES:
        for function in methods_of(kind):
            plain = function.__code__
            found = probed.get((plain.co_name, plain.co_firstlineno))
            if found is not None and found.co_freevars == plain.co_freevars:
                _plain.append((function, plain))
                function.__code__ = found


def uninstall() -> None:
    """Gives the methods their own code again."""
    while _plain:
        function, plain = _plain.pop()
        function.__code__ = plain
