"""`gofer run`: a script or module as the main goroutine."""

from __future__ import annotations

import os
from functools import partial

import click

from gofer.cli import program

WITH_VALUE = {"--seed", "--procs", "--race-include"}


class Run(click.Command):
    """A command whose options end at SCRIPT or after `-m MODULE`: what follows is the program's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Marks the end of the options for click, which would go on after `-m MODULE`."""
        return super().parse_args(ctx, marked(args))


def marked(args: list[str]) -> list[str]:
    """`args` with `--` after `-m MODULE`."""
    position = 0
    while position < len(args) and args[position].startswith("-"):
        if args[position].startswith("-m"):
            end = position + (2 if args[position] == "-m" else 1)
            return [*args[:end], "--", *args[end:]] if end <= len(args) else args
        position += 2 if args[position] in WITH_VALUE else 1
    return args


@click.command(cls=Run, context_settings={"allow_interspersed_args": False})
@click.option("--seed", type=int, metavar="N", help="Draw orders, select's choices, random and hashes from N.")
@click.option("--procs", type=click.IntRange(min=1), metavar="N", help="The number of workers (GOMAXPROCS).")
@click.option("-race", "race", is_flag=True, help="Report data races; the status is then 66.")
@click.option("--race-include", "include", multiple=True, metavar="PATTERN", help="Watch these modules too.")
@click.option("--race-atomic-builtins", "atomic", is_flag=True, help="Operations documented as atomic do not race.")
@click.option("-m", "module", metavar="MODULE", help="Run a module instead of a script.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="(SCRIPT | -m MODULE) [ARG]...")
def run(
    seed: int | None,
    procs: int | None,
    race: bool,
    include: tuple[str, ...],
    atomic: bool,
    module: str | None,
    arguments: tuple[str, ...],
) -> program.Start:
    """Run SCRIPT as `python SCRIPT` does, with its main thread as the main goroutine.

    An exception that leaves any goroutine is a panic: status 2. Ctrl-C: status 130. SIGQUIT prints every goroutine.
    """
    if seed is not None and procs is not None and procs > 1:
        raise click.UsageError("--seed needs one worker: an order that several threads make cannot be reproduced")
    if procs is None:
        program.check_environment()
    if seed is not None:
        from gofer.cli import seeding

        seeding.fix_hashes(seed)
        seeding.count_clocks()
    if race or os.environ.get("GOFER_RACE", "") not in ("", "0"):
        program.check_race()
        from gofer import race as detector

        try:
            detector.install(include, atomic_builtins=atomic)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    if module is not None:
        body = program.of_module(module, arguments)
    elif arguments:
        body = program.of_script(arguments[0], arguments[1:])
    else:
        raise click.UsageError("nothing to run; give a SCRIPT or -m MODULE")
    from gofer._core.program import launch

    return partial(launch.run_program, body, seed=seed, procs=procs)
