"""The end of the program: what is not delivered any more, and the status.

A goroutine's `SystemExit` that has not reached the main goroutine before that ended by itself still makes the status.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import Any

from gofer._core.machine import borrow, status
from gofer._core.machine.borrow import Size
from gofer._core.sched import carriers, handlers, mail
from gofer._core.sched.interrupts import URGENCY
from gofer._core.sched.runtime import RUNTIME


def late_exit() -> Any:
    """What a goroutine left to end the program and nobody has raised; None: the main one ended by such, or there is
    none.
    """
    main = RUNTIME.main_goroutine()
    return None if main is not None and mail.is_leaving(main) else mail.take_exit()


def outcome(error: Any) -> tuple[int, str]:
    """The status that an exit means, and what is to be written to stderr."""
    code = 130 if isinstance(error, KeyboardInterrupt) else error.code
    if code is None:
        return 0, ""
    if isinstance(code, int):
        return code & 0xFF, ""
    return 1, f"{code}\n"


def end_with(code: Size) -> None:
    """The process will end with this status, unless another one has been asked for before, after all else that the
    interpreter does at its end. Only compiled.
    """
    if status.ask(code):
        raise RuntimeError("gofer: the interpreter takes no more functions for its end")


def at_shutdown() -> None:
    """The main thread has come to the end of its program: it waits for threads, and then calls what `atexit` has."""
    URGENCY.ended = True


def at_exit() -> None:
    """Other threads run for a moment still. Uncompiled, the process ends here where the status is not Python's."""
    RUNTIME.over = True
    main = RUNTIME.main_goroutine()
    if main is not None:
        mail.look(main)
    error = late_exit()
    if error is None:
        return
    code, message = outcome(error)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with suppress(OSError):
        os.write(2, message.encode("utf-8", "backslashreplace"))
    if borrow.COMPILED:
        end_with(code)
    else:
        os._exit(code)


def after_fork() -> None:
    """In the child: the thread that forked is the main one now, and its end the program's. Python would ignore what it
    raises, and leave the child to the threads of gofer's that it has started.
    """
    thread: Any = threading.main_thread()
    if not isinstance(thread, (threading._MainThread, threading._DummyThread)):  # type: ignore[attr-defined]
        thread._invoke_excepthook = lambda thread: carriers.end_forked_child(sys.exception())
        thread._delete = lambda: carriers.end_forked_child(None)


def wait_for_threads() -> None:
    """As the interpreter does before it ends: until there are only daemon threads beside this one."""
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join()


def install() -> None:
    """At import: before the program has anything registered, so these are called after what it has."""
    handlers.take_over()
    threading._register_atexit(at_shutdown)  # type: ignore[attr-defined]
    atexit.register(at_exit)
    os.register_at_fork(after_in_child=after_fork)
