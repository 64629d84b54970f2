"""The exit status of a program in which races were found. Compiled only.

The interpreter ends as ever, with `atexit` functions, destructors and what open files still hold; the last thing that
it does is to call what `Py_AtExit` was given, which ends the process with the status.
"""

# mypy: disable-error-code="name-defined"
# ruff: noqa: F821

from __future__ import annotations


def end_with(status: int) -> None:
    """The process will end with this status."""
    if race_end_with(status):
        raise RuntimeError("gofer.race: the interpreter takes no more functions for its end")
