"""Who imports: a goroutine, or a thread; and what it waits at while another one is still running a module's body.

The main goroutine is its thread, as what a thread has begun before it used gofer must stay its own.
"""

from __future__ import annotations

import os
from _thread import get_ident
from typing import Any

from gofer._core.machine import borrow, reasons
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import borrowed, owner, scheduler
from gofer._core.sched.goroutine import Goroutine
from gofer._core.sched.worker import Worker
from gofer._core.sync.mutex import Mutex

_process = os.getpid()
_forking: dict[int, Any] = {}  # who is about to fork, by thread
_inherited: dict[int, Any] = {}  # who the thread was in the parent that has forked this process


class Wakeup(Mutex):
    """What importers of a module wait at, with the methods that importlib uses of a lock."""

    def __init__(self, module: str) -> None:
        Mutex.__init__(self)
        self.module = module

    def acquire(self, blocking: bool = True) -> bool:
        """As a lock's: parks a goroutine, blocks a foreign thread."""
        if self.try_lock():
            return True
        if blocking:
            self.wait(scheduler.current(), reasons.SEMACQUIRE)  # type: ignore[attr-defined]  # the core's own
            if HOOKS.on:
                HOOKS.tool.acquire(self.clock)  # type: ignore[attr-defined]
        return blocking

    def release(self) -> None:
        """As a lock's."""
        self.unlock()

    def __repr__(self) -> str:
        return f"<import of {self.module}>"


def importer() -> Any:
    """Who calls: a goroutine, or the thread."""
    at = scheduler.this_worker()
    if at:
        worker: Worker = owner.worker(at)
        if worker.current and worker.current != borrow.of(worker.main):
            g: Goroutine = borrowed.goroutine(worker.current)
            return _process, g.id
    ident = get_ident()
    return _inherited.get(ident, ident) if _inherited else ident


def goroutines(ids: set[int]) -> set[Any]:
    """Who goroutines are as importers."""
    return {(_process, each) for each in ids}


def before_fork() -> None:
    """In the parent."""
    _forking[get_ident()] = importer()


def after_fork_in_parent() -> None:
    """In the parent."""
    _forking.pop(get_ident(), None)


def after_fork_in_child() -> None:
    """A goroutine that has forked is the child's thread now, and owns what it owned."""
    global _process
    ident = get_ident()
    me = _forking.get(ident, ident)
    _process = os.getpid()
    _forking.clear()
    _inherited.clear()
    if me != ident:
        _inherited[ident] = me


os.register_at_fork(before=before_fork, after_in_parent=after_fork_in_parent, after_in_child=after_fork_in_child)
