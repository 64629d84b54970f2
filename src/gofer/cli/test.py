"""`gofer test`: pytest, with the main thread as the main goroutine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import NoReturn

import click

from gofer.cli import program


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARG]...")
def test(arguments: tuple[str, ...]) -> Callable[[], NoReturn]:
    """Run pytest with these arguments under gofer; with -race a test in which a data race is found fails."""
    try:
        import pytest
    except ImportError:
        raise click.UsageError("pytest is not installed; `pip install gofer[test]` brings it") from None
    from gofer._core.program import launch

    program.check_environment()
    passed = [argument for argument in arguments if argument != "-race"]
    if len(passed) != len(arguments) or os.environ.get("GOFER_RACE", "") not in ("", "0"):
        program.check_race()
        passed = ["-p", "gofer.race.plugin", "--assert=plain", *passed]
    return lambda: launch.run_program(lambda: sys.exit(pytest.main(passed)))
