"""Breaks the rule for guards (see `guard`), so that a test sees whether a core that checks it notices."""

from __future__ import annotations

from typing import Any

from gofer._core.machine import guard
from gofer._core.sched import scheduler


def inside(fn: Any) -> Any:
    """Calls `fn()` inside a guard."""
    gate = guard.make()
    guard.lock(gate)
    try:
        return fn()
    finally:
        guard.unlock(gate)


def armed(fn: Any) -> Any:
    """Calls `fn()` on the stack of a goroutine that is about to wait."""
    g = scheduler.current()
    guard.pin()
    g.arm()
    try:
        return fn()
    finally:
        scheduler.disarm(g)
