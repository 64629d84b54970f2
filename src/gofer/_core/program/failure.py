"""How a program fails: panics, fatal errors, deadlocks. The texts are Go's, the tracebacks Python's."""

from __future__ import annotations

import os
import sys
import traceback  # now: who panics because there can be no more open files could not import it
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, NoReturn

from gofer._core.machine.errors import DeadlockError, FatalError, Goexit, Panic
from gofer._core.program import dump, ending
from gofer._core.sched import interrupts, runs, scheduler

PanicHandler = Callable[[dump.GoroutineInfo, BaseException], object]
_handler: PanicHandler | None = None


def set_panic_handler(handler: PanicHandler | None) -> None:
    """`handler(goroutine, exception)` is called instead of ending the program; None: as before."""
    global _handler
    if handler is not None and not callable(handler):
        raise TypeError(f"set_panic_handler: {handler!r} is not callable")
    _handler = handler


def on_failure(g: Any, error: BaseException) -> bool:
    """An exception has left goroutine `g`. Returns where a handler has taken over (false), or a test fails (true)."""
    if isinstance(error, FatalError):
        return fail_test(error) or end(fatal_text(error))
    info = dump.one(g)
    if _handler is not None:
        try:
            _handler(info, error)
            return False
        except BaseException as second:
            second.__context__ = error
            error = second
    told = Panic(f"{summary(error)} [goroutine {info.id}]")
    told.__cause__ = error
    return fail_test(told) or end(panic_text(error, info))


def fail_test(error: BaseException) -> bool:
    """Under pytest: raises it in the main goroutine, which runs the test. To end the process would lose what pytest has
    captured, the message too. False where no test runs.
    """
    main = scheduler.shared().main_goroutine()
    if main is None or "_pytest.runner" not in sys.modules or "PYTEST_CURRENT_TEST" not in os.environ:
        return False
    interrupts.interrupt(main, error)
    return True


def _hide_internals(shown: traceback.TracebackException) -> None:
    seen: set[int] = set()
    pending: list[traceback.TracebackException | None] = [shown]
    while pending:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.stack = traceback.StackSummary.from_list([f for f in one.stack if not dump.is_internal(f.filename)])
        pending += [one.__cause__, one.__context__, *(one.exceptions or ())]


def traceback_text(error: BaseException) -> str:
    """Python's traceback, chained exceptions too, without gofer's own frames."""
    try:
        shown = traceback.TracebackException.from_exception(error)
        _hide_internals(shown)
        return "".join(shown.format())
    except Exception:
        return _bare_traceback(error)


def summary(error: BaseException) -> str:
    """`TypeName: message`."""
    try:
        return traceback.format_exception_only(error)[-1].rstrip("\n")
    except Exception:
        return _bare_summary(error)


def _bare_summary(error: BaseException) -> str:
    """What `traceback` would say, without it: it imports modules when it is used, which may have become impossible."""
    kind = type(error)
    module = "" if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}."
    name = f"{module}{kind.__qualname__}"
    try:
        message = str(error)
    except Exception:
        message = "<exception str() failed>"
    return f"{name}: {message}" if message else name


def _bare_traceback(error: BaseException) -> str:
    lines = ["Traceback (most recent call last):"]
    place = error.__traceback__
    while place is not None:
        code = place.tb_frame.f_code
        if not dump.is_internal(code.co_filename):
            lines.append(f'  File "{code.co_filename}", line {place.tb_lineno}, in {code.co_name}')
        place = place.tb_next
    return "\n".join([*lines, _bare_summary(error)]) + "\n"


def panic_text(error: BaseException, info: dump.GoroutineInfo) -> str:
    """`panic: TypeName: message` and all that belongs to it."""
    lines = [f"panic: {summary(error)}", "", f"goroutine {info.id} [running]:", traceback_text(error).rstrip("\n")]
    lines += dump.created_lines(info)
    if os.environ.get("GOTRACEBACK") in ("all", "system", "crash"):
        others = [other for other in dump.goroutines() if other.id != info.id]
        lines += ["", dump.text(others)] if others else []
    return "\n".join(lines) + "\n"


def fatal_text(error: FatalError) -> str:
    """`fatal error: …`, and where: for a deadlock, every goroutine."""
    where = error.goroutines if isinstance(error, DeadlockError) else traceback_text(error).rstrip("\n")
    return f"fatal error: {error}\n\n{where}\n"


def end(message: str, status: int = 2) -> NoReturn:
    """Writes the message and ends the process, as Go does: at once, nothing else runs. What was printed is kept."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):
            continue  # a closed or missing stream has nothing to lose
    data = message.encode("utf-8", "backslashreplace")
    try:
        while data:
            data = data[os.write(2, data) :]
    except OSError:
        pass  # nobody reads stderr; the status still tells
    os._exit(status)


def on_event(event: str, error: BaseException | None) -> str:
    """The scheduler asks: for the dump of a deadlock, or to end a forked child whose goroutine has ended."""
    if event == "forked":
        end_child(error)
    return dump.all_text()


def end_child(error: BaseException | None) -> NoReturn:
    """Ends the child of a fork whose main goroutine, the one that forked, has ended: its status is the program's.

    It waits for threads as any program does. Nothing else of Python's own end happens, as in the child of a thread that
    forked: the program's calls below main, and the functions of `atexit`, are the parent's.
    """
    try:
        if isinstance(error, Goexit):
            runs.park_for_ever()
        elif error is None or isinstance(error, SystemExit):
            ending.wait_for_threads()
    except BaseException as later:
        error = later
    late = ending.late_exit()
    if late is not None and not isinstance(error, SystemExit):
        error = late
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        status, message = ending.outcome(error)
        end(message, status)
    if isinstance(error, FatalError):
        end(fatal_text(error))
    if error is not None:
        end(panic_text(error, dump.one(scheduler.current())))
    end("", 0)


def excepthook(kind: type[BaseException], error: BaseException, tb: Any) -> None:
    """Under plain `python`: a fatal error of main ends the program with status 2, all else is Python's."""
    if isinstance(error, FatalError) and not hasattr(sys, "ps1"):
        end(fatal_text(error))
    if isinstance(error, Goexit):
        try:
            runs.park_for_ever()
        except SystemExit:
            raise  # the interpreter ends with its status
        except BaseException as later:
            excepthook(type(later), later, later.__traceback__)
            if isinstance(later, KeyboardInterrupt):
                raise SystemExit(130) from None
        return
    _python_excepthook(kind, error, _without_internals(tb))


def _without_internals(tb: TracebackType | None) -> TracebackType | None:
    """The traceback without gofer's own frames."""
    kept: TracebackType | None = None
    for entry in reversed(list(_entries(tb))):
        if not dump.is_internal(entry.tb_frame.f_code.co_filename):
            entry.tb_next = kept
            kept = entry
    return kept


def _entries(tb: TracebackType | None) -> Iterator[TracebackType]:
    while tb is not None:
        yield tb
        tb = tb.tb_next


def install() -> None:
    """Has the scheduler and the interpreter report failures here."""
    sys.excepthook = excepthook
    scheduler.shared().on_failure = on_failure
    scheduler.shared().on_event = on_event


_python_excepthook = sys.excepthook
