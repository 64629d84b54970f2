"""What `--seed` needs of the process: string hashes that repeat, and clocks whose reading is a step.

Python draws the seed of string hashes when it starts, and takes it from PYTHONHASHSEED only, so the process executes
itself once more with that set, before anything of the program has been read: same process, arguments, standard input
and options of the interpreter. The variable is then put back, so the programs that this one starts see what they would
have seen. (To change the secret of hashes in a running process is not possible: names have been hashed with it.)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from gofer import time
from gofer._core.machine.hooks import HOOKS

VARIABLE = "PYTHONHASHSEED"
BEFORE = "GOFER_HASHSEED_BEFORE"  # what the variable was, after "=", or empty: there was none
LARGEST = 2**32


class Clock:
    """A clock whose reading is a step: who reads it again and again lets others run."""

    def __init__(self, read: Callable[[], float]) -> None:
        self.read = read
        self.__doc__ = read.__doc__

    def __call__(self) -> float:
        HOOKS.step()
        return self.read()

    def __repr__(self) -> str:
        return repr(self.read)


def fix_hashes(seed: int) -> None:
    """Has string hashes repeat: executes this process again where they do not, and does not return then."""
    before = os.environ.pop(BEFORE, None)
    if before is not None:
        restore(before)
        return
    if os.environ.get(VARIABLE, "").isdecimal() and not sys.flags.ignore_environment:
        return
    reason = why_not()
    if not reason:
        was = os.environ.get(VARIABLE)
        changed = {VARIABLE: str(seed % LARGEST), BEFORE: "" if was is None else f"={was}"}
        try:
            os.execve(sys.executable, sys.orig_argv, {**os.environ, **changed})
        except OSError as error:
            reason = str(error)
    sys.stderr.write(f"gofer: string hashes do not repeat, set {VARIABLE}: {reason}\n")


def restore(before: str) -> None:
    """Puts the variable back as the user had it."""
    if before:
        os.environ[VARIABLE] = before[1:]
    else:
        os.environ.pop(VARIABLE, None)


def why_not() -> str:
    """Why the process cannot execute itself again; empty: it can."""
    if sys.flags.ignore_environment:
        return "Python ignores the environment here (-E or -I)"
    if not sys.executable:
        return "Python does not know its own path"
    if not sys.argv[1:] or sys.orig_argv[-len(sys.argv[1:]) :] != sys.argv[1:]:
        return "the command is not the process's own"
    return ""


def count_clocks() -> None:
    """Has the readings of `gofer.time` count as steps; before the program imports it."""
    for name in ("monotonic", "now"):
        read = getattr(time, name)
        if not isinstance(read, Clock):
            setattr(time, name, Clock(read))
