"""Finding and executing a program as `python SCRIPT` and `python -m MODULE` do."""

from __future__ import annotations

import io
import os
import runpy
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec, SourceFileLoader, SourcelessFileLoader
from types import CodeType, ModuleType
from typing import Any, NoReturn

import click

Body = Callable[[], object]
Start = Callable[[], NoReturn]


def check_environment() -> None:
    """True if the number of workers is one."""
    from gofer._core.program import launch

    try:
        launch.default_procs()
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def check_race() -> None:
    """True if the race detector can be had."""
    from gofer._core.sched import scheduler

    if str(scheduler.__file__).endswith(".py"):
        raise click.UsageError(
            "-race needs the compiled core, and this gofer has none: install it with a C compiler, without GOFER_PURE=1"
        )


def of_script(script: str, arguments: tuple[str, ...]) -> Body:
    """What executes the file, the directory or zip file with a `__main__.py`, or with `-` standard input."""
    if script != "-":
        check_readable(script)
    sys.argv = [script, *arguments]
    if script == "-":
        set_first_path("")
        return lambda: execute(compile(sys.stdin.read(), "<stdin>", "exec"), None, None)
    if os.path.isdir(script) or not is_source(script):
        set_first_path(os.path.abspath(script))
        return lambda: execute_module("__main__")
    set_first_path(os.path.dirname(os.path.realpath(script)))
    path = os.path.abspath(script)
    if path.endswith(".pyc") and looks_for_races():
        raise click.UsageError(f"cannot look for races in {script!r}, which is compiled: give its source")
    return lambda: execute(compiled(path), None, path)


def of_module(name: str, arguments: tuple[str, ...]) -> Body:
    """What executes the module, or the package's `__main__`."""
    set_first_path(os.getcwd())
    sys.argv = ["-m", *arguments]
    check_module(name)
    return lambda: execute_module(name)


def check_readable(script: str) -> None:
    """Raises the usage error that says why `script` cannot be run."""
    try:
        if os.path.isdir(script):
            if not os.path.exists(os.path.join(script, "__main__.py")):
                raise click.UsageError(f"cannot run the directory {script!r}: it has no __main__.py")
            return
        with io.open_code(os.path.abspath(script)):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = "give the path of a Python script, or -m and the name of a module"
        raise click.UsageError(f"cannot open {script!r}: {reason}; {remedy}") from None


def check_module(name: str) -> None:
    """Raises the usage error that says why the module `name` cannot be run."""
    try:
        details(name)
    except ImportError as error:
        raise click.UsageError(f"cannot run -m {name}: {error}; give the dotted name of a module on sys.path") from None


def details(name: str) -> tuple[str, ModuleSpec, CodeType]:
    """Name, spec and code of a module that is to be `__main__`."""
    find: Any = vars(runpy)["_get_module_details"]  # the part of `python -m` that finds a package's `__main__`
    found: tuple[str, ModuleSpec, CodeType] = find(name, error=ImportError)
    return found


def is_source(script: str) -> bool:
    """False for a zip file, which is run through the import system."""
    with io.open_code(os.path.abspath(script)) as file:
        return file.read(4) != b"PK\x03\x04"


def compiled(path: str) -> CodeType:
    """The code of a `.pyc`, or of a source file in whatever encoding it declares; with probes under `-race`."""
    code: CodeType | None
    if path.endswith(".pyc"):
        code = SourcelessFileLoader("__main__", path).get_code("__main__")
        assert code is not None  # only a package of several directories has none
        return code
    if looks_for_races():
        code = sys.modules["gofer.race"].code_of(path)
        assert code is not None
        return code
    with io.open_code(path) as file:
        return compile(file.read(), path, "exec")


def looks_for_races() -> bool:
    """True if the race detector is on; it is not imported where it is not asked for."""
    detector = sys.modules.get("gofer.race")
    return detector is not None and detector.enabled()


def execute_module(name: str) -> None:
    """Executes the module `name` as `__main__`."""
    if name == "__main__":
        del sys.modules[name]  # the command's own would be found, not the program's
    _, spec, code = details(name)
    if spec.origin is not None and name != "__main__":
        sys.argv[0] = spec.origin
    execute(code, spec, spec.origin)


def execute(code: CodeType, spec: ModuleSpec | None, path: str | None) -> None:
    """Executes `code` in a new `__main__`."""
    module = ModuleType("__main__")
    module.__dict__["__builtins__"] = __builtins__
    module.__dict__["__cached__"] = None
    module.__spec__ = spec
    if path is not None:
        module.__file__ = path
        module.__loader__ = spec.loader if spec is not None else SourceFileLoader("__main__", path)
    module.__package__ = spec.parent if spec is not None else None
    sys.modules["__main__"] = module
    exec(code, module.__dict__)


def set_first_path(entry: str) -> None:
    """Puts the program's directory where the command's own is; not under `-P`, where there is none."""
    if not sys.flags.safe_path:
        sys.path[0] = entry
