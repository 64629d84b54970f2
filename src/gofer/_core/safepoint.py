"""Where a goroutine must not be preempted.

Goroutines of a worker share a thread, and what belongs to a thread belongs to them all: another goroutine would enter
an `RLock` that this one holds, and for a `Lock` that this one holds it would block the thread, and so its holder, for
ever. Nothing tells which locks a thread holds, so the rule looks at the goroutine's stack, and keeps to the safe side.
Not preempted is a goroutine with a call on its stack that is

- inside a `with` block, unless its context manager is known to hold no lock of a thread: gofer's own, files,
  `contextlib`'s and others of SAFE_MODULES; a `@contextmanager` generator, by what its own frame is inside of,
- of a function that names `acquire` anywhere in its code,
- named `__enter__`, `__exit__`, `acquire`, `release`, `__del__` and the like: half-way in or out, or run by whoever
  dropped the last reference,
- of the import system, `asyncio` (its loop is the thread's running one) or `Thread.start`,
- a handler of a signal, which may interrupt C code that owns something (on the main thread),
- or, on top, of gofer itself.

What the rule does not see: a lock taken by a helper of another name and held when it has returned, a lock held by a
suspended generator that is being iterated over, a lock that a C library holds while it calls back, and values in
`threading.local` between two of the function's own steps. `sort`, `dict` and other C code that calls back is seen in
the middle, as it is by other threads.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from opcode import opmap
from types import CodeType, FrameType, GeneratorType
from typing import Any

StackItem = Callable[[FrameType, int], Any]

SAFE_MODULES = frozenset(
    {
        "gofer",
        "_io",
        "io",
        "codecs",
        "contextlib",
        "decimal",
        "_decimal",
        "gzip",
        "bz2",
        "lzma",
        "posix",
        "pathlib",
        "socket",
        "tarfile",
        "tempfile",
        "unittest",
        "warnings",
        "_pytest",
        "pytest",
        "pluggy",
    }
)
PARTWAY = frozenset(
    {
        "__enter__",
        "__exit__",
        "__aenter__",
        "__aexit__",
        "__del__",
        "acquire",
        "release",
        "_acquire_restore",
        "_release_save",
    }
)
_BELOW_PYTHON_3_14 = "BEFORE_WITH" in opmap
_WITH = bytes([opmap["PUSH_EXC_INFO"], 0, opmap["WITH_EXCEPT_START"]])
_GOFER = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def is_safe(frame: FrameType | None, item: StackItem) -> bool:
    """Whether the goroutine whose newest frame this is may be switched away from here; `item` reads value stacks."""
    if frame is None or frame.f_code.co_filename.startswith(_GOFER):
        return False
    handlers = signal_handlers() if threading.current_thread() is threading.main_thread() else set()
    while frame is not None:
        if id(frame.f_code) in handlers or not is_free(frame, item):
            return False
        frame = frame.f_back
    return True


def signal_handlers() -> set[int]:
    """The identities of the code of the handlers that are set."""
    found = (getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals())
    return {id(code) for code in found if code is not None}


def is_free(frame: FrameType, item: StackItem) -> bool:
    """Whether this call holds no lock of the thread, as far as can be seen."""
    code = frame.f_code
    if code.co_name in PARTWAY or "acquire" in code.co_names or is_of_the_thread(frame):
        return False
    if not code.co_exceptiontable:
        return True
    return all(is_harmless(manager, item) for manager in managers(frame, item))


def is_of_the_thread(frame: FrameType) -> bool:
    """Whether the call is part of something that belongs to the thread as a whole."""
    code = frame.f_code
    if code.co_filename.startswith("<frozen importlib"):
        return True
    module = frame.f_globals.get("__name__")
    if not isinstance(module, str):
        return False
    if module == "threading":
        return code.co_name == "start"
    return module == "asyncio" or module.startswith("asyncio.")


def managers(frame: FrameType, item: StackItem) -> Iterator[Any]:
    """The context managers of the `with` blocks that the call is inside of; None for one that cannot be told."""
    for depth in with_depths(frame.f_code, frame.f_lasti):
        if _BELOW_PYTHON_3_14:
            yield getattr(item(frame, depth - 1), "__self__", None)
        else:
            yield item(frame, depth - 1)


def is_harmless(manager: Any, item: StackItem) -> bool:
    """Whether a context manager, entered, holds no lock of the thread."""
    if isinstance(manager, contextlib._GeneratorContextManager):
        return is_generator_free(manager.gen, item)
    if isinstance(manager, contextlib.ExitStack):
        entered = [getattr(callback, "__self__", None) for _, callback in manager._exit_callbacks]  # type: ignore[attr-defined]
        return all(is_harmless(each, item) for each in entered)
    for kind in type(manager).__mro__:
        if "__enter__" in vars(kind):
            return kind.__module__.partition(".")[0] in SAFE_MODULES
    return False


def is_generator_free(generator: Any, item: StackItem) -> bool:
    """The same for a suspended generator."""
    if not isinstance(generator, GeneratorType):
        return False
    if generator.gi_frame is None:
        return True
    if generator.gi_yieldfrom is not None:
        return is_free(generator.gi_frame, item) and is_generator_free(generator.gi_yieldfrom, item)
    return is_free(generator.gi_frame, item)


@lru_cache(4096)
def with_depths(code: CodeType, lasti: int) -> tuple[int, ...]:
    """For each `with` block around an instruction the height of the value stack when its handler runs; that of the
    innermost is first. A handler is itself inside of what surrounds it, so they are found one from another.
    """
    entries = list(exception_entries(code.co_exceptiontable))
    depths: list[int] = []
    at = lasti
    for _ in entries:
        handler = next(((target, depth) for start, end, target, depth in entries if start <= at < end), None)
        if handler is None:
            break
        at, depth = handler
        if code.co_code.startswith(_WITH, at):
            depths.append(depth)
    return tuple(depths)


def exception_entries(table: bytes) -> Iterator[tuple[int, int, int, int]]:
    """The entries of a code object's exception table: start, end, handler (in bytes), height of the stack there."""
    numbers = _varints(table)
    for start in numbers:
        size, target, depth_and_flag = next(numbers), next(numbers), next(numbers)
        yield 2 * start, 2 * (start + size), 2 * target, depth_and_flag >> 1


def _varints(table: bytes) -> Iterator[int]:
    """Six bits a byte, the highest first; 64 marks that more follow, 128 an entry's beginning."""
    value = 0
    for byte in table:
        value = value << 6 | byte & 63
        if not byte & 64:
            yield value
            value = 0
