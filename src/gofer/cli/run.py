"""`gofer run`: a script or module as the main goroutine."""

from __future__ import annotations

import io
import os
import runpy
import sys
from collections.abc import Callable
from types import CodeType, ModuleType
from typing import Any, NoReturn

import click

Program = Callable[[], NoReturn]


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--seed", type=int, metavar="N", help="Draw the order of goroutines and select's choices from N.")
@click.option("--procs", type=click.IntRange(min=1), metavar="N", help="The number of workers (GOMAXPROCS).")
@click.option("-m", "module", metavar="MODULE", help="Run a module instead of a script.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[SCRIPT] [ARG]...")
def run(seed: int | None, procs: int | None, module: str | None, arguments: tuple[str, ...]) -> Program:
    """Run SCRIPT as `python SCRIPT` does, with its main thread as the main goroutine.

    An exception that leaves any goroutine is a panic: status 2. Ctrl-C: status 130. SIGQUIT prints every goroutine.
    """
    if seed is not None and procs is not None and procs > 1:
        raise click.UsageError("--seed needs one worker: an order that several threads make cannot be reproduced")
    if module is not None:
        body = _module(module, arguments)
    elif not arguments:
        raise click.UsageError("nothing to run; give a SCRIPT or -m MODULE")
    elif arguments[0].startswith("-"):
        raise click.NoSuchOption(arguments[0])
    else:
        body = _script(arguments[0], arguments)
    from gofer._core import launch

    try:
        default = launch.default_procs()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return lambda: launch.run_program(body, seed=seed, procs=procs or default)


def _module(name: str, arguments: tuple[str, ...]) -> Callable[[], object]:
    sys.argv = [name, *arguments]
    sys.path.insert(0, os.getcwd())
    return lambda: runpy.run_module(name, run_name="__main__", alter_sys=True)


def _script(path: str, arguments: tuple[str, ...]) -> Callable[[], object]:
    if os.path.isdir(path):
        sys.argv = list(arguments)
        return lambda: runpy.run_path(path, run_name="__main__")
    try:
        with io.open_code(os.path.abspath(path)) as file:
            source = file.read()
    except OSError as error:
        raise click.UsageError(f"cannot read {path!r}: {error.strerror}") from None
    sys.argv = list(arguments)
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    return lambda: _execute(source, path)


def _execute(source: bytes, path: str) -> None:
    code: CodeType = compile(source, path, "exec", dont_inherit=True)
    module = ModuleType("__main__")
    namespace: dict[str, Any] = module.__dict__
    namespace.update(__file__=path, __builtins__=__builtins__, __cached__=None)
    sys.modules["__main__"] = module
    exec(code, namespace)
