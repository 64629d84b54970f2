"""gofer: Go's concurrency for Python.

Goroutines, channels and `select` here; `gofer.sync`, `gofer.context`, `gofer.time`, `gofer.signal` and
`gofer.runtime` as in Go's standard library; `gofer.errgroup`, `semaphore`, `singleflight` and `rate` as in Go's
`x/sync` and `x/time`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from gofer._core.chan.chan import Chan
from gofer._core.chan.select import DEFAULT, Selected, recv, select, send
from gofer._core.chan.views import RecvChan, SendChan
from gofer._core.machine.errors import ClosedChannelError, DeadlockError, FatalError, Panic, WaitGroupError
from gofer._core.outside import imports as _imports  # who imports a module waits for the goroutine that has begun to
from gofer._core.outside.blocking import blocking
from gofer._core.outside.futures import wait
from gofer._core.program import ending as _ending  # what counts when the program ends, and what signals do until then
from gofer._core.program import failure as _failure  # how the program ends when a goroutine fails
from gofer._core.program import launch as _launch
from gofer._core.program import stalls as _stalls
from gofer._core.program.start import go
from gofer._core.sched import belongings as _belongings  # asyncio's running loop is the goroutine's own
from gofer._core.sched import hub as _hub  # what a worker does that has nothing to run
from gofer._core.sched import preempt as _preempt  # goroutines that compute for long give way
from gofer._core.sched import scheduler as _scheduler
from gofer._version import __version__

if TYPE_CHECKING:
    from gofer import aio
    from gofer._core.outside.executor import Executor

__all__ = [
    "DEFAULT",
    "Chan",
    "ClosedChannelError",
    "DeadlockError",
    "Executor",
    "FatalError",
    "Map",
    "Panic",
    "RecvChan",
    "Selected",
    "SendChan",
    "WaitGroupError",
    "__version__",
    "aio",
    "atomic",
    "blocking",
    "context",
    "go",
    "recv",
    "run",
    "runtime",
    "select",
    "send",
    "signal",
    "sync",
    "time",
    "wait",
]

_P = ParamSpec("_P")
_T = TypeVar("_T")
_ending.install()
_failure.install()
_hub.install()
_preempt.install()
_imports.install()
_belongings.install(_imports.watch, _scheduler.note_belongings)
_stalls.install()

if TYPE_CHECKING:
    _K = TypeVar("_K")
    _V = TypeVar("_V")

    class Map(dict[_K, _V]):
        """What type checkers see of it."""

        def copy(self) -> Map[_K, _V]: ...
else:
    from gofer._core.sync.plainmap import Map

from gofer import atomic, context, runtime, signal, sync, time  # noqa: E402  (they need the names above)


def run(main: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Runs `main(*args, **kwargs)` as the main goroutine and returns its result.

    When it returns, every other goroutine is abandoned: no `finally` runs in them, as in Go. Scripts do not need it:
    the main thread is the main goroutine from its first use of gofer on.

    Raises what `main` raises; `DeadlockError` when every goroutine is blocked and nothing can wake one; RuntimeError
    inside a goroutine or while another `run` is active; TypeError when `main` cannot be called.
    """
    return cast(_T, _launch.run(main, *args, **kwargs))


def __getattr__(name: str) -> Any:
    """What takes long to import comes at its first use: `concurrent.futures` brings `logging`."""
    if name == "aio":
        return importlib.import_module("gofer.aio")
    if name == "Executor":
        from gofer._core.outside.executor import Executor

        globals()[name] = Executor
        return Executor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
