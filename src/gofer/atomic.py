"""Numbers and references that change in one step. Go: the package `sync/atomic`.

All operations are sequentially consistent and none blocks. An operation that sees the effect of another one happens
after it. None of these values may be copied; all may be used from any number of goroutines and threads. Numbers wrap
around in two's complement: `add`, `and_` and `or_` take any int modulo the width; a value to start with, to store or to
compare with has to be within the range (OverflowError), and anything but an int is a TypeError.
"""

from __future__ import annotations

from gofer._core.sync.atomics import Bool, Int32, Int64, Pointer, Uint32, Uint64, Value

__all__ = ["Bool", "Int32", "Int64", "Pointer", "Uint32", "Uint64", "Value"]
