"""The command `gofer`: one file a subcommand."""

from __future__ import annotations

import sys

import click

from gofer._version import __version__
from gofer.cli.env import env
from gofer.cli.run import run
from gofer.cli.test import test

EXAMPLES = """
\b
Examples:
  gofer run main.py             run a script; its main thread is the main goroutine
  gofer run --seed 7 main.py    the same order of goroutines each time
  gofer run -m package.module   run a module
  gofer test tests/             run pytest under gofer
  gofer env                     what gofer runs on here
"""


@click.group(epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gofer")
def gofer() -> None:
    """Go's concurrency for Python."""


gofer.add_command(run)
gofer.add_command(test)
gofer.add_command(env)


def main() -> None:
    """The entry point. What runs a program is called from here, so that click is not on the main goroutine's stack."""
    try:
        program = gofer.main(prog_name="gofer", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    if callable(program):
        program()
