"""What of a thread belongs to the goroutine that runs there: asyncio's running loop and current task, and the hooks for
asynchronous generators.

A goroutine begins in no loop, though one may run on its thread: that of a notebook's cell, which has started it, or of
a goroutine that waits inside of `asyncio.run`. So who has a loop or hooks (`loops` of the goroutine) puts them aside
when it switches away, and takes them back when it goes on; the thread has none meanwhile. Who has none, and so a
program without asyncio, pays nothing: the library's functions that set them tell of it (`noted`).

Up to Python 3.13 asyncio keeps the current task for each loop, so it need not be put aside.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from gofer._core.machine import borrow, collector, noted

TASK_OF_THREAD = sys.version_info >= (3, 14)
MODULE = "_asyncio" if borrow.COMPILED else "asyncio.events"  # where the function is that sets the running loop
_set_hooks: Any = sys.set_asyncgen_hooks
_set_loop: Any = None  # these two do not tell; None: there is no asyncio yet
_get_loop: Any = None


def has_any() -> bool:
    """True if the thread has some now."""
    if sys.get_asyncgen_hooks() != (None, None):
        return True
    return _get_loop is not None and _get_loop() is not None


def put_aside() -> tuple[Any, ...]:
    """What `put_back` wants; the thread has none now. Who has armed itself may call this."""
    paused = collector.pause()
    try:
        hooks = sys.get_asyncgen_hooks()
        depth = sys.get_coroutine_origin_tracking_depth()
        loop = task = None
        if _get_loop is not None:
            loop = _get_loop()
        if loop is not None:
            if TASK_OF_THREAD:
                task = sys.modules["_asyncio"]._swap_current_task(loop, None)
            _set_loop(None)
        _set_hooks(None, None)
        sys.set_coroutine_origin_tracking_depth(0)
        return loop, task, hooks, depth
    finally:
        collector.resume(paused)


def put_back(kept: tuple[Any, ...]) -> None:
    """The goroutine goes on."""
    loop, task, hooks, depth = kept
    if loop is not None:
        _set_loop(loop)
        if task is not None:
            sys.modules["_asyncio"]._swap_current_task(loop, task)
    _set_hooks(*hooks)
    sys.set_coroutine_origin_tracking_depth(depth)


def install(watch: Callable[[str, Callable[[], None]], None], tell: Callable[[], None]) -> None:
    """Has the library tell when the thread has been given some, or has none any more; `watch` calls back when a module
    has been imported.
    """
    global _set_hooks

    def change_asyncio() -> None:
        global _get_loop, _set_loop
        module = sys.modules[MODULE]
        original = noted.change(module._set_running_loop, tell)
        if original is not None:
            _get_loop, _set_loop = module._get_running_loop, original

    _set_hooks = noted.change(sys.set_asyncgen_hooks, tell) or sys.set_asyncgen_hooks
    watch(MODULE, change_asyncio)
