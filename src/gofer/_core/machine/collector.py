"""Keeps the collector away from where the destructors that it calls must not run, or could not wait.

`collector.pxd` has what the compiled core uses, this module the same names for the uncompiled one, which has more need:
any two steps of Python may have a collection between them. Only collections that begin by themselves are kept away; one
that somebody asks for runs on that one's thread, which is not there.
"""

from __future__ import annotations

import gc
import os
from _thread import RLock

_gate = RLock()  # a destructor may run meanwhile
_count = 0
_paused = False


def pause() -> bool:
    """No collection begins by itself until `resume`, which is to be told what this returns."""
    keep_away()
    return True


def resume(paused: bool) -> None:
    """Ends what `pause` began."""
    if paused:
        let_come()


def keep_away() -> None:
    """As `pause`; counts. Only uncompiled."""
    global _count, _paused
    with _gate:
        if not _count:
            _paused = gc.isenabled()
            gc.disable()
        _count += 1


def let_come() -> None:
    """Ends one `keep_away`."""
    global _count
    with _gate:
        _count -= 1
        if not _count and _paused:
            gc.enable()


def reset() -> None:
    """In the child of a fork, where the other threads are gone."""
    global _count, _gate
    _gate = RLock()
    if _count and _paused:
        gc.enable()
    _count = 0


os.register_at_fork(after_in_child=reset)
