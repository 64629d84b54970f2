"""`gofer test`: pytest, with the main thread as the main goroutine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

import click


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PYTEST ARG]...")
def test(arguments: tuple[str, ...]) -> Callable[[], NoReturn]:
    """Run pytest with these arguments under gofer."""
    try:
        import pytest
    except ImportError:
        raise click.UsageError("pytest is not installed; `pip install gofer[test]` brings it") from None
    from gofer._core import launch

    return lambda: launch.run_program(lambda: sys.exit(pytest.main(list(arguments))))
