"""The race detector: precise, for goroutines and threads alike.

`gofer run -race`, `gofer test -race` or `GOFER_RACE=1` turn it on for a program; `enable` does from inside one, for
what is imported afterwards.
"""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Any

from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import scheduler

if str(scheduler.__file__).endswith(".py"):
    raise ImportError("gofer.race needs the compiled core: install gofer without GOFER_PURE=1, with a C compiler")

from gofer.race.edges import futures, iterators, queues, threads
from gofer.race.effects import calls, probes
from gofer.race.engine import detector
from gofer.race.reporting import verbose
from gofer.race.reporting.report import FOUND, Access, Report
from gofer.race.reporting.report import start as start_reports
from gofer.race.rewriting import fronts, loader

__all__ = [
    "Access", "Report", "acquire", "code_of", "disable", "enable", "enabled", "ignore", "install", "read", "release",
    "reports", "write",
]  # fmt: skip

calls.install()
_released = ("released",)


def enable(include: Sequence[str] = (), *, atomic_builtins: bool = False) -> None:
    """Watches from now on what is imported from now on; `include` are patterns of further modules' names.

    With `atomic_builtins` two accesses to a list, dict or set do not race where each is a statement of its own that
    CPython documents as atomic (`items.append(n)`, `table[key] = x`).
    """
    _start(include, atomic_builtins, False)


def install(include: Sequence[str] = (), *, atomic_builtins: bool = False) -> None:
    """Turns the detector on for the whole process: races found make its exit status 66. For the command."""
    _start(include, atomic_builtins, True)


def _start(include: Sequence[str], atomic_builtins: bool, ends_process: bool) -> None:
    if detector.SWITCH.on:
        return
    start_reports(atomic_builtins, ends_process)
    if ends_process:
        verbose.start()
    HOOKS.attach(detector.Tool())
    threads.install()
    queues.install()
    futures.install()
    iterators.install()
    loader.install(include)
    detector.SWITCH.on = True


def disable() -> None:
    """Nothing is recorded any more."""
    if detector.SWITCH.on:
        detector.SWITCH.on = False
        HOOKS.detach()
        threads.uninstall()
        fronts.uninstall()
        loader.uninstall()


def enabled() -> bool:
    """True if accesses are recorded."""
    return bool(detector.SWITCH.on)


def code_of(path: str) -> types.CodeType:
    """The code of a script, with probes in it."""
    return loader.code_of(path)


def reports() -> list[Report]:
    """The races found so far."""
    return list(FOUND)


def ignore(obj: Any) -> None:
    """Accesses to this object are not recorded from now on."""
    detector.ignore(obj)


def read(obj: Any, key: Any) -> None:
    """Records a read of `obj[key]` by the running goroutine or thread."""
    detector.access(obj, probes.key_of(key), False)


def write(obj: Any, key: Any) -> None:
    """Records a write of `obj[key]` by the running goroutine or thread."""
    detector.access(obj, probes.key_of(key), True)


def release(obj: Any) -> None:
    """What the caller did so far happens before what follows an `acquire` of the same object."""
    shadow = detector.shadow_of(obj)
    if detector.SWITCH.on and shadow is not None:
        clock = detector.snapshot_of(detector.current())
        with detector.GATE:
            shadow[_released] = detector.join(shadow.get(_released), clock)


def acquire(obj: Any) -> None:
    """What was done before the releases of this object so far happens before what the caller does next."""
    shadow = detector.shadow_of(obj)
    if detector.SWITCH.on and shadow is not None:
        detector.acquire_into(detector.current(), shadow.get(_released))
