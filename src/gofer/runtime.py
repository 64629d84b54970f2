"""The scheduler seen from outside. Go: the package `runtime`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

from gofer._core.machine.errors import Goexit
from gofer._core.machine.hooks import HOOKS
from gofer._core.program import dump, failure
from gofer._core.program.dump import Frame
from gofer._core.program.dump import GoroutineInfo as Goroutine
from gofer._core.program.start import gosched
from gofer._core.sched import cpus, osthread, scheduler
from gofer._version import __version__

__all__ = [
    "Frame",
    "Goroutine",
    "goexit",
    "gomaxprocs",
    "goid",
    "goroutines",
    "gosched",
    "lock_os_thread",
    "num_cpu",
    "num_goroutine",
    "set_panic_handler",
    "stack",
    "unlock_os_thread",
    "version",
]


def gomaxprocs(n: int | None = None) -> int:
    """The number of workers that may run goroutines; with `n`, sets it and returns what it was. Go: `GOMAXPROCS`.

    None or less than 1 leaves it as it is.
    """
    before: int = scheduler.shared().get_procs()
    if n is not None:
        if isinstance(n, bool) or not isinstance(n, int):
            raise TypeError(f"gomaxprocs: a whole number is needed, not {type(n).__name__}")
        if n > 0:
            scheduler.shared().set_procs(n)
    return before


def num_cpu() -> int:
    """The CPUs that this process may use. Go: `NumCPU`."""
    return cpus.usable()


def num_goroutine() -> int:
    """How many goroutines are alive. Go: `NumGoroutine`."""
    scheduler.current()
    HOOKS.step()
    return len(scheduler.shared().goroutines())


def lock_os_thread() -> None:
    """The calling goroutine keeps its thread of the operating system to itself. Go: `LockOSThread`.

    A goroutine never changes its thread; from here on none that is new is started on it either, so that what belongs to
    the thread (`threading.local`, a library that wants to be called by one thread only, the main thread for a user
    interface) belongs to this goroutine. New goroutines run on other workers, one of which is started where there is
    none. Those that had already started on this thread stay, since they cannot move: call this at the beginning.

    Ends with as many calls of `unlock_os_thread`. Where the goroutine ends first, its thread does too, with the last of
    those that had started there before; but the main thread stays, and the one for what foreign threads start. Under
    `--seed` all share one thread. In a foreign thread this changes nothing. Never blocks.

    >>> lock_os_thread()
    >>> unlock_os_thread()
    """
    osthread.lock_thread()


def unlock_os_thread() -> None:
    """Undoes one call of `lock_os_thread` in this goroutine; without any it does nothing. Go: `UnlockOSThread`."""
    osthread.unlock_thread()


def goexit() -> NoReturn:
    """Ends the calling goroutine; its `finally` blocks run. Go: `Goexit`.

    From the main goroutine the others go on; when none is left, or all are blocked:
    `fatal error: no goroutines (main called runtime.Goexit) - deadlock!`.
    """
    raise Goexit


def goid() -> int:
    """The calling goroutine's number: 1 is the main goroutine, 0 a foreign thread. Only dumps show it in Go."""
    number: int = scheduler.current().id
    return number


def goroutines() -> list[Goroutine]:
    """All goroutines that are alive, by number. Go: `pprof.Lookup("goroutine")`."""
    scheduler.current()
    return dump.goroutines()


def stack(all: bool = False) -> str:
    """The stack of the calling goroutine, or with `all` the dump of every one. Go: `Stack`."""
    g = scheduler.current()
    return dump.all_text() if all else dump.text([dump.one(g)])


def set_panic_handler(handler: Callable[[Goroutine, BaseException], object] | None) -> None:
    """Has `handler(goroutine, exception)` called when an exception leaves a goroutine, instead of ending the program.

    When it returns, that goroutine has ended and the program goes on. None restores the panic. There is no such handler
    in Go, where each goroutine recovers its own panics.
    """
    failure.set_panic_handler(handler)


def version() -> str:
    """Gofer's version and the interpreter's. Go: `Version`."""
    return f"gofer {__version__} on Python {sys.version.split()[0]}"
