"""The import hook, and running a script or module with probes in it."""

from __future__ import annotations

import dataclasses
import fnmatch
import importlib.machinery
import importlib.util
import os
import site
import sys
import sysconfig
import types
from collections.abc import Sequence
from typing import Any

from gofer._core.machine import folders
from gofer.race.rewriting import fronts
from gofer.race.rewriting.instrument import compile_instrumented, compile_text

EXCLUDED = tuple(
    path + os.sep
    for path in {
        folders.PACKAGE.removesuffix(os.sep),
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("platstdlib"),
        sysconfig.get_path("purelib"),
        sysconfig.get_path("platlib"),
        os.path.dirname(os.__file__),
        *site.getsitepackages(),
    }
)

REWRITTEN: set[str] = set()


def give_code(loader: Any, path: str) -> None:
    """Has a source file's own loader give the code with probes. Its class stays: programs look at it.

    What cannot be compiled is left to the loader, which says so without frames of ours in the traceback.
    """
    try:
        codes = [code_of(path)]
    except (OSError, SyntaxError, ValueError):
        return

    def get_code(fullname: str) -> types.CodeType:
        return codes.pop() if codes else code_of(path)

    loader.get_code = get_code


class Finder:
    """Finds the modules that are the program's own, or match one of the patterns."""

    def __init__(self, include: Sequence[str]) -> None:
        self.include = tuple(include)
        # What finding needs must be there before: under `-X lazy_imports=all` it would be found by itself.
        self.found_by = importlib.machinery.PathFinder.find_spec
        self.kind = importlib.machinery.SourceFileLoader
        self.matches = fnmatch.fnmatch
        self.full = os.path.abspath

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        spec = self.found_by(name, path, target)
        if spec is None or type(spec.loader) is not self.kind or spec.origin is None:
            return None
        wanted = any(self.matches(name, pattern) for pattern in self.include)
        if not wanted and self.full(spec.origin).startswith(EXCLUDED):
            return None
        give_code(spec.loader, spec.origin)
        return spec


def code_of(path: str) -> types.CodeType:
    """The rewritten code of a source file."""
    REWRITTEN.add(path)
    with open(path, "rb") as file:
        source = importlib.util.decode_source(file.read())
    if fronts.named_in(source):
        fronts.install()
    return compile_instrumented(source, path)


def exec_generated(text: Any, space: Any, names: Any = None, /) -> None:
    """Executes what `dataclasses` generates for a class: with probes where its module has them."""
    if isinstance(text, str) and space is not None and space.get("__file__") in REWRITTEN:
        text = compile_text(text, "exec", 0)
    exec(text, space, names)


def install(include: Sequence[str] = ()) -> None:
    """Rewrites what is imported from now on."""
    if not any(isinstance(finder, Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, Finder(include))
        vars(dataclasses)["exec"] = exec_generated


def uninstall() -> None:
    """Leaves what is imported from now on as it is."""
    vars(dataclasses).pop("exec", None)
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]
