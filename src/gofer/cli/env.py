"""`gofer env`: what gofer runs on here."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import version

import click

from gofer.cli import program


@click.command()
def env() -> None:
    """Show the version, the interpreter, the core and the number of workers."""
    from rich.console import Console
    from rich.table import Table

    import gofer
    from gofer._core.machine import borrow
    from gofer._core.program import launch
    from gofer._core.sched import cpus, scheduler

    program.check_environment()
    compiled = not str(scheduler.__file__).endswith(".py")
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_row("gofer", gofer.__version__)
    table.add_row("python", f"{platform.python_implementation()} {platform.python_version()} ({sys.executable})")
    table.add_row("GIL", "enabled" if gil else "disabled")
    table.add_row("core", "compiled" if compiled else f"pure Python ({borrow.__name__.rpartition('.')[0]})")
    table.add_row("workers", f"{launch.default_procs()} (of {cpus.usable()} usable CPUs)")
    table.add_row("greenlet", version("greenlet"))
    Console(soft_wrap=True).print(table)
