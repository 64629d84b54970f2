"""Synchronisation. Go: the package `sync`. None of these values may be copied; all may be used from any thread."""

from __future__ import annotations

from gofer._core.mutex import Mutex
from gofer._core.waitgroup import WaitGroup

__all__ = ["Mutex", "WaitGroup"]
