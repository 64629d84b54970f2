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

from gofer.race.rewrite import MARK, Rewriter
from gofer.race.scopes import Scopes

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


def compile_instrumented(source: str, filename: str) -> types.CodeType:
    """The code of a module with probes in it; plain code where the source cannot be rewritten."""
    compile(source, filename, "exec", dont_inherit=True)  # warns, and raises, of what is wrong with the source itself
    with SILENCE, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source, filename)
        rewriter = Rewriter(Scopes(source, filename), filename)
        rewriter.visit(tree)
        code = compile(tree, filename, "exec", dont_inherit=True)
    return filled(code, rewriter.probes)


def compile_text(source: str, mode: str, flags: int) -> Any:
    """The code of a text for `exec` or `eval`; the text itself where it cannot be compiled."""
    features = flags & FEATURES
    try:
        compile(source, "<string>", mode, features, dont_inherit=True)
        with SILENCE, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = compile(source, "<string>", mode, features | ast.PyCF_ONLY_AST, dont_inherit=True)
            rewriter = Rewriter(Scopes(source, "<string>", mode), "<string>")
            rewriter.visit(tree)
            code = compile(tree, "<string>", mode, features, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return source
    return filled(code, rewriter.probes)
