"""Every public name of the library says what it is in Go; what must not be copied refuses."""

from __future__ import annotations

import copy
import inspect
import pickle
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import gofer
from gofer import aio, atomic, context, errgroup, logging, rate, runtime, semaphore, signal, singleflight, sync, time
from gofer._core.sched import scheduler

MODULES = [aio, atomic, context, errgroup, logging, rate, runtime, semaphore, signal, singleflight, sync, time]
COMPILED = not str(scheduler.__file__).endswith(".py")  # uncompiled, what is private in C is visible
# Members whose class says it all, and fields that are no functions.
WITHOUT_A_TWIN = {
    "Frame",
    "GoidFilter.filter",
    "Goroutine",
    "NotifyContext.deadline",
    "NotifyContext.done",
    "NotifyContext.err",
    "NotifyContext.value",
    "Map.snapshot",
    "monotonic",
    "now",
}


def documented(module: ModuleType) -> Iterator[tuple[str, Any]]:
    for name in module.__all__:
        found = getattr(module, name)
        if not (inspect.isclass(found) or callable(found)):
            continue  # a value, which its module documents
        yield name, found
        if inspect.isclass(found) and COMPILED:
            for kind in found.__mro__:
                if kind.__module__.startswith("gofer"):
                    for member, value in vars(kind).items():
                        if not member.startswith("_") and (callable(value) or isinstance(value, property)):
                            yield f"{name}.{member}", value


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_what_it_is_in_go(module: ModuleType) -> None:
    silent = [
        name
        for name, found in documented(module)
        if name not in WITHOUT_A_TWIN and "Go:" not in (found.__doc__ or "") and "in Go" not in (found.__doc__ or "")
    ]
    assert silent == []


@pytest.mark.parametrize("name", gofer.__all__)
def test_the_package_itself(name: str) -> None:
    found = getattr(gofer, name)
    assert name.startswith("__") or name == "DEFAULT" or (found.__doc__ or "").strip()


SHARED: list[Callable[[], Any]] = [
    gofer.Chan,
    gofer.Executor,
    errgroup.Group,
    singleflight.Group,
    lambda: semaphore.Weighted(1),
    lambda: rate.Limiter(1, 1),
    *(getattr(atomic, name) for name in atomic.__all__),
    *(getattr(sync, name) for name in ("Map", "Mutex", "Once", "Pool", "RWMutex", "WaitGroup")),
    lambda: sync.Cond(sync.Mutex()),
    lambda: sync.RWMutex().reader,
    lambda: time.Timer(3600),
    lambda: time.Ticker(3600),
]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("make", SHARED)
def test_nothing_that_is_shared_is_copied(make: Callable[[], Any], duplicate: Callable[[Any], Any]) -> None:
    value = make()
    with pytest.raises(TypeError, match=f"^an? {type(value).__name__} must not be copied$"):
        duplicate(value)
