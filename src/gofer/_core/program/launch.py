"""Running a program: `gofer.run`, and what the command `gofer run` does around a script."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from gofer._core.machine.errors import FatalError, Goexit
from gofer._core.machine.guard import FREE_THREADED
from gofer._core.program import dump, ending, failure
from gofer._core.sched import cpus, pacing, runs, scheduler
from gofer._core.sched.choice import CHOICE
from gofer._core.sched.timers import TIMERS

_active = False


def default_procs() -> int:
    """`GOMAXPROCS` from the environment; else every usable CPU on free-threaded builds, one beside the GIL."""
    text = os.environ.get("GOMAXPROCS", "")
    if text.strip():
        try:
            procs = int(text)
        except ValueError:
            procs = 0
        if procs < 1:
            raise ValueError(f"GOMAXPROCS must be a whole number of at least 1, not {text!r}")
        return procs
    return cpus.default() if FREE_THREADED else 1


def use_seed(seed: int) -> None:
    """Draws the order of runnable goroutines and `select`'s choices from `seed`; before the runtime's first use.

    `random` begins with it as well, by itself, so that what the program draws does not depend on the order.
    """
    import random  # brings hashlib

    CHOICE.follow(random.Random(seed))
    scheduler.shared().set_procs(1)
    pacing.install()
    random.seed(seed)


def run(main: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Runs `main(*args, **kwargs)` as the main goroutine: `gofer.run` has the documentation."""
    global _active
    if not callable(main):
        raise TypeError(f"run: {main!r} is not callable")
    attached = runs.begin_run(_active)
    if attached is None:
        raise RuntimeError("gofer.run was called inside a goroutine; use go(), or call the function")
    if _active:
        raise RuntimeError(runs.ANOTHER_RUN)
    _active = True
    forks = scheduler.shared().forks
    TIMERS.begin_run()
    try:
        return main(*args, **kwargs)
    except Goexit:
        runs.park_for_ever()
    finally:
        _active = False
        runs.end_run(attached and forks == scheduler.shared().forks)
        TIMERS.end_run()


def _after_fork() -> None:
    """The child's runs are its own."""
    global _active
    _active = False


def run_program(body: Callable[[], object], *, seed: int | None = None, procs: int | None = None) -> NoReturn:
    """Runs a script's body as goroutine 1 and ends the process as `gofer run` does.

    An exception is a panic and a fatal error is one, status 2; `SystemExit` keeps its status; Ctrl-C is 130.
    """
    if procs is not None:
        scheduler.shared().set_procs(procs)
    if seed is not None:
        use_seed(seed)
    signal.signal(signal.SIGQUIT, _dump_and_end)
    try:
        scheduler.current()
        body()
    except Goexit:
        _end_after(_wait_for_the_others)
    except (FatalError, KeyboardInterrupt, SystemExit, Exception) as error:
        _end_with(error)
    late = ending.late_exit()
    if late is not None:
        _end_with(late)
    sys.exit(0)


def _wait_for_the_others() -> None:
    runs.park_for_ever()


def _end_after(body: Callable[[], object]) -> None:
    try:
        body()
    except BaseException as error:
        _end_with(error)


def _end_with(error: BaseException) -> NoReturn:
    if isinstance(error, SystemExit):
        raise error
    if isinstance(error, KeyboardInterrupt):
        sys.exit(130)
    if isinstance(error, FatalError):
        failure.end(failure.fatal_text(error))
    failure.end(failure.panic_text(error, dump.one(scheduler.current())))


def _dump_and_end(number: int, frame: Any) -> None:
    failure.end("SIGQUIT: quit\n\n" + dump.all_text() + "\n")


os.register_at_fork(after_in_child=_after_fork)
try:
    scheduler.shared().set_procs(default_procs())
except ValueError as _error:
    scheduler.shared().refuse(_error)
