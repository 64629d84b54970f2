"""From source text to code with probes in it."""

from __future__ import annotations
import __future__ as futures

import _thread
import ast
import functools
import operator
import types
import warnings
from typing import Any

from gofer.race.rewriting.rewrite import MARK, TEXT, Rewriter
from gofer.race.rewriting.scopes import Scopes

FEATURES = functools.reduce(operator.or_, (getattr(futures, name).compiler_flag for name in futures.all_feature_names))
SILENCE = _thread.RLock()  # the filters of warnings belong to all threads


def filled(code: types.CodeType, probes: list[Any]) -> types.CodeType:
    """The code with probes where markers were."""

    def constant(given: Any) -> Any:
        if isinstance(given, types.CodeType):
            return filled(given, probes)
        marked = isinstance(given, str) and given.startswith(MARK)
        return probes[int(given[len(MARK) :])] if marked else given

    return code.replace(co_consts=tuple(map(constant, code.co_consts)))


def probed(source: str, filename: str, mode: str, features: int) -> Any:
    """The code of a source with probes in it. What the compiler has to say of it is not said here."""
    with SILENCE, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = compile(source, filename, mode, features | ast.PyCF_ONLY_AST, dont_inherit=True)
        compile(source, filename, mode, features, dont_inherit=True)
        rewriter = Rewriter(Scopes(source, tree, filename, mode), filename)
        rewriter.visit(tree)
        return filled(compile(tree, filename, mode, features, dont_inherit=True), rewriter.probes)


def compile_instrumented(source: str, filename: str) -> types.CodeType:
    """The code of a module with probes in it."""
    code: types.CodeType = probed(source, filename, "exec", 0)
    compile(source, filename, "exec", dont_inherit=True)  # for its warnings
    return code


def compile_text(source: str, mode: str, flags: int) -> Any:
    """The code of a text for `exec` or `eval`; the text itself where it cannot be compiled."""
    features = flags & FEATURES
    try:
        code = probed(source, TEXT, mode, features)
        compile(source, TEXT, mode, features, dont_inherit=True)  # for its warnings
    except (SyntaxError, ValueError, RecursionError):
        return source
    return code
