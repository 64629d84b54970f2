"""Where a goroutine must not be preempted.

Goroutines of a worker share a thread, and what belongs to a thread belongs to them all: another goroutine would enter
an `RLock` that this one holds, and for a `Lock` that this one holds it would block the thread, and so its holder, for
ever. What belongs to the system (a file's lock, a transaction of a database) is no better: who waits for it in C blocks
the thread, and its holder may be one that can run nowhere else. Nothing tells what a goroutine holds, so the rule looks
at its stack, and keeps to the safe side. Not preempted is a goroutine with a call on its stack that

- is inside a `with` block, from before `__enter__` to behind `__exit__` (`stackmap`), unless its context manager is
  known to hold nothing: gofer's own, files, `contextlib`'s and others of SAFE_MODULES, but no class derived from them;
  a `@contextmanager` generator, by what its own frame is inside of,
- iterates over a suspended generator, or has one in a variable, that is itself in such a place,
- iterates over a cursor of a database, or has a connection in a variable that may be in a transaction (`holdings`),
- belongs to a function that names `acquire`, `commit`, `flock` or the like anywhere in its code, or calls one that
  takes a lock and does not let go of it (`lockwords`),
- is named `__enter__`, `__exit__`, `acquire`, `release`, `__del__` and the like, or has a dead weak reference in a
  variable: half-way in or out, or run by whoever dropped the last reference,
- is of the import system, `asyncio` (its loop is the thread's running one) or `Thread.start`,
- is a handler of a signal, which may interrupt C code that owns something (on the main thread),
- or, on top, is of gofer itself.

What the rule does not see: a lock that a helper's helper has taken and that is held when both have returned, one that a
C library holds while it calls back, and values in `threading.local` between two of the function's own steps.
`sort`, `dict` and other C code that calls back is seen in the middle, as it is by other threads.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from types import BuiltinMethodType, FrameType, GeneratorType, MethodType, MethodWrapperType
from typing import Any

from gofer._core.machine import folders, framemem
from gofer._core.sched import holdings, lockwords, stackmap

SAFE_MODULES = frozenset(
    {
        "gofer",
        "_io",
        "io",
        "codecs",
        "contextlib",
        "decimal",
        "_decimal",
        "bz2",
        "gzip",
        "http",
        "lzma",
        "posix",
        "pathlib",
        "socket",
        "ssl",
        "tarfile",
        "tempfile",
        "unittest",
        "urllib",
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
METHODS = (MethodType, BuiltinMethodType, MethodWrapperType)
ITERATORS_AT_MOST = 64
_UNCOMPILED = str(framemem.__file__).endswith(".py")


def is_safe(frame: FrameType | None) -> bool:
    """True if the goroutine whose newest frame this is may be switched away from here."""
    if frame is None or frame.f_code.co_filename.startswith(folders.PACKAGE):
        return False
    handlers = signal_handlers() if threading.current_thread() is threading.main_thread() else set()
    look = holdings.Look()
    while frame is not None:
        if id(frame.f_code) in handlers or not is_free(frame, look):
            return False
        frame = frame.f_back
    for generator in look.generators:  # those that one of them refers to are added meanwhile
        if not is_generator_free(generator, look):
            return False
    return not look.attribute_holds()


def newest() -> FrameType | None:
    """The innermost call of the caller's goroutine; None where all of it is compiled."""
    try:
        return sys._getframe(1)
    except ValueError:
        return None


def outside(frame: FrameType | None) -> FrameType | None:
    """The innermost call that is not gofer's own; or one of gofer's that may hold a lock of the thread itself."""
    look = holdings.Look()
    while frame is not None and frame.f_code.co_filename.startswith(folders.PACKAGE) and are_blocks_free(frame, look):
        frame = frame.f_back
    return frame


def is_threads(frame: FrameType | None) -> bool:
    """True if a call on the stack is one that must come to its end first, whatever it holds: it is the thread's."""
    handlers = signal_handlers() if threading.current_thread() is threading.main_thread() else set()
    while frame is not None:
        code = frame.f_code
        if id(code) in handlers or code.co_name in PARTWAY or is_of_the_thread(frame):
            return True
        frame = frame.f_back
    return False


def signal_handlers() -> set[int]:
    """The identities of the code of the handlers that are set."""
    found = (getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals())
    return {id(code) for code in found if code is not None}


def is_free(frame: FrameType, look: holdings.Look) -> bool:
    """True if this call holds no lock, as far as can be seen."""
    code = frame.f_code
    if _UNCOMPILED and code.co_filename.startswith(folders.CORE):
        return are_blocks_free(frame, look)  # what is below every goroutine's function; compiled, it has no frames
    if code.co_name in PARTWAY or lockwords.names_a_lock(code) or is_of_the_thread(frame):
        return False
    if not are_blocks_free(frame, look):
        return False
    variables = framemem.variables(frame)
    if look.holds(variables) or lockwords.calls_half(frame, variables, look):
        return False
    named = (dict.get(frame.f_globals, name) for name in code.co_names)
    return not any(look.holds_global(value) for value in named)


def are_blocks_free(frame: FrameType, look: holdings.Look) -> bool:
    """True if the `with` blocks and loops that the call is inside of hold no lock."""
    for place, kind in stackmap.marks_at(frame.f_code, frame.f_lasti):
        if kind == stackmap.LEAVING:
            return False
        if kind == stackmap.ITERATOR:
            free = is_iterator_free(framemem.stack_item(frame, place), look)
        else:
            free = is_harmless(manager(frame, place), look)
        if not free:
            return False
    return True


def is_of_the_thread(frame: FrameType) -> bool:
    """True if the call is part of something that belongs to the thread as a whole."""
    code = frame.f_code
    if code.co_filename.startswith("<frozen importlib"):
        return True
    module = frame.f_globals.get("__name__")
    if not isinstance(module, str):
        return False
    if module == "threading":
        return code.co_name == "start"
    return module == "asyncio" or module.startswith("asyncio.")


def manager(frame: FrameType, place: int) -> Any:
    """The context manager whose `__exit__` is at a place of the value stack, or that is there itself."""
    found = framemem.stack_item(frame, place)
    if stackmap.SPECIAL:
        instance = framemem.stack_item(frame, place + 1)
        return getattr(found, "__self__", None) if instance is None else instance
    return found.__self__ if type(found) in METHODS else found


def is_harmless(manager: Any, look: holdings.Look) -> bool:
    """True if a context manager, entered, holds no lock; a generator's is looked at later."""
    kind = type(manager)
    if kind is contextlib._GeneratorContextManager:
        return look.expect(manager.gen)
    if kind is contextlib.ExitStack:
        entered = [getattr(callback, "__self__", None) for _, callback in manager._exit_callbacks]
        return all(is_harmless(each, look) for each in entered)
    module = kind.__module__
    return isinstance(module, str) and module.partition(".")[0] in SAFE_MODULES


def is_iterator_free(iterator: Any, look: holdings.Look) -> bool:
    """True if what a loop iterates over holds no lock, `enumerate` and its like seen through; generators come later."""
    ahead = [iterator]
    for each in ahead:
        if holdings.is_cursor(each) or len(ahead) > ITERATORS_AT_MOST:
            return False
        if not look.expect(each):
            ahead += holdings.iterated(each)
    return True


def is_generator_free(generator: GeneratorType[Any, Any, Any], look: holdings.Look) -> bool:
    """True if a suspended generator holds no lock; one that runs is on the stack, or another thread's."""
    if generator.gi_frame is None or generator.gi_running:
        return True
    return is_iterator_free(generator.gi_yieldfrom, look) and is_free(generator.gi_frame, look)
