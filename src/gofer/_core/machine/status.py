"""The status of a process that ends as ever, and yet not with the status that the interpreter knows.

`status.pxd` has what the compiled core uses: the last thing that the interpreter does is to call what `Py_AtExit` was
given, which ends the process. Uncompiled there is nothing like it.
"""

from __future__ import annotations


def ask(status: int) -> int:
    """Has the process end with this status; -1 where that cannot be had."""
    return -1
