"""Reports: what raced, in Go's form, and how the process ends because of it."""

from __future__ import annotations

import _thread
import atexit
import concurrent.futures.thread
import linecache
import os
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from gofer._core.chan.chan import Chan
from gofer._core.machine import folders
from gofer._core.program import dump, ending
from gofer._core.sync.plainmap import ENTRIES, Map
from gofer._core.sync.waitgroup import WaitGroup
from gofer.race.effects.peek import is_a, of_class
from gofer.race.engine import detector
from gofer.race.reporting import options, single
from gofer.race.reporting.options import Options

HIDDEN: tuple[str, ...] = (folders.PACKAGE, threading.__file__, concurrent.futures.thread.__file__)
HIDDEN_NAMES = ("<frozen runpy>", "<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")
COMMAND = os.path.join(os.path.dirname(sys.executable), "gofer")
RULE = "=" * 18
COLOURS = {"alarm": "1;31", "side": "1", "origin": "36", "file": "2", "source": "33", "rule": "2"}


@dataclass(frozen=True)
class Access:
    """One side of a race: "read" or "write", by whom, and the stack: (function, file, line), innermost first.

    `goroutine` is a goroutine as `runtime.goroutines()` has them, or a `threading.Thread`.
    """

    kind: str
    goroutine: Any
    stack: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Report:
    """A data race: what was accessed, and the two accesses, the later one first; `text` is as it is printed."""

    location: str
    accesses: tuple[Access, Access]
    text: str


FOUND: list[Report] = []
HOLDING = _thread.RLock()
_seen: set[Any] = set()
_options = Options()
_atomic_builtins = False
_printed: Callable[[str], None] | None = None


def hide(*files: str) -> None:
    """Frames of these files, or of those below these folders, are left out of reports."""
    global HIDDEN
    HIDDEN = (*HIDDEN, *(file for file in files if file not in HIDDEN))


def frames(stack: Any) -> tuple[tuple[str, str, int], ...]:
    """(function, file, line) of a stack, innermost first, without gofer's and threading's own frames."""
    return tuple((code.co_qualname, code.co_filename, line_of(code, lasti)) for code, lasti in visible(stack))


def visible(stack: Any) -> Iterator[tuple[CodeType, int]]:
    """The code and instruction of the program's frames of a stack, innermost first."""
    for code, lasti in zip(stack[::2], stack[1::2], strict=True):
        file = code.co_filename
        if not file.startswith(HIDDEN) and file not in HIDDEN_NAMES and file != COMMAND:
            yield code, lasti


def line_of(code: CodeType, lasti: int) -> int:
    for start, end, line in code.co_lines():
        if start <= lasti < end and line is not None:
            return line
    return code.co_firstlineno


def described(target: Any, key: Any) -> str:
    """What a report calls a location."""
    if isinstance(target, type) and isinstance(key, str):
        return f"{target.__name__}.{key}"
    if isinstance(key, str):
        kind = type(target).__name__
        return special(target, key) or f"{kind}.{key}"
    kind = type(target).__name__
    if key[0] == "[" and kind == "dict" and is_module(target):
        module = target.get("__name__", "?")
        return f"global {key[1]} of {'main' if module == '__main__' else module}"
    if key[0] == "variable":
        return f"closure variable {key[1]} of {key[2] or '?'}()"
    if key[0] == "[":
        return f"{kind}[{key[1]!r}]"
    return f"{kind} (structure)" if key[0] == "structure" else f"{kind} (elements)"


def special(target: Any, key: Any) -> str:
    """What reports call the one variable of an iterator, channel, Map or WaitGroup; empty for an attribute's name."""
    if key == "next" and type(of_class(type(target), "__next__")) is types.WrapperDescriptorType:
        return "generator"
    if key == "close" and is_a(target, Chan):
        return "channel"
    if key == ENTRIES and is_a(target, Map):
        return type(target).__name__
    return "WaitGroup" if key == "add" and is_a(target, WaitGroup) else ""


def is_module(space: Any) -> bool:
    """True if a dict is the globals of a module."""
    module = sys.modules.get(str(space.get("__name__")))
    return module is not None and vars(module) is space


def shown(file: str) -> str:
    """A file's name in reports. As in Go all up to the end of `strip_path_prefix` goes, wherever that begins."""
    if not _options.strip_path_prefix:
        return dump.short_path(file)
    _, found, rest = file.partition(_options.strip_path_prefix)
    return (rest if found else file).removeprefix("./")


def stack_lines(stack: Any, source: bool) -> list[tuple[str, str]]:
    """The frames of a stack, each line with its style; with the source of the innermost one."""
    lines = []
    for number, (function, file, line) in enumerate(frames(stack)):
        lines += [
            ("", f"  {function}" + ("" if function.startswith("<module>") else "()")),
            ("file", f"      {shown(file)}:{line}"),
        ]
        text = linecache.getline(file, line).strip()
        if source and number == 0 and text:
            lines.append(("source", f"      > {text}"))
    return lines


def written(place: str, now: Any, before: Any, address: int) -> list[tuple[str, str]]:
    """The lines of a report, each with its style."""
    kind, actor, stack = now
    lines = [("rule", RULE), ("alarm", "WARNING: DATA RACE")]
    lines.append(("side", f"{kind.capitalize()} of {place} at {address:#x} by {detector.label(actor)}:"))
    lines += [*stack_lines(stack, True), ("", "")]
    kind, other, stack = before
    lines.append(("side", f"Previous {kind} of {place} at {address:#x} by {detector.label(other)}:"))
    lines += stack_lines(stack, True)
    for one in dict.fromkeys((actor, other)):
        if one.created is not None:
            state = "finished" if one.finished else "running"
            name = detector.label(one)
            lines += [("", ""), ("origin", f"{name[0].upper()}{name[1:]} ({state}) created at:")]
            lines += stack_lines(one.created, False)
    return [*lines, ("rule", RULE)]


def plain(lines: list[tuple[str, str]]) -> str:
    """A report for files and pipes."""
    return "".join(f"{text}\n" for style, text in lines if style != "source")


def painted(lines: list[tuple[str, str]]) -> str:
    """A report for a terminal: with colours, unless NO_COLOR forbids them, and source lines."""
    if os.environ.get("NO_COLOR"):
        return "".join(f"{text}\n" for _, text in lines)
    return "".join(f"\x1b[{COLOURS[style]}m{text}\x1b[0m\n" if style else f"{text}\n" for style, text in lines)


def party(actor: Any) -> Any:
    """Whose access it was, as the program knows goroutines and threads."""
    if actor.kind == "thread":
        thread = actor.thread and actor.thread()
        if thread is not None:
            return thread
    number = 1 if actor.kind == "main goroutine" else (actor.name if actor.kind == "goroutine" else 0)
    for info in dump.goroutines():
        if number and info.id == number:
            return info
    origin = frames(actor.created) if actor.created is not None else ()
    by, file, line = origin[0] if origin else (None, "", 0)
    return dump.GoroutineInfo(
        id=number, state="finished" if actor.finished else "running", wait_reason=None, waiting_for=None,
        created_by=by, created_at=(file, line) if origin else None, parent_id=0, frames=(), waited=0.0,
    )  # fmt: skip


def are_single(target: Any, now: Any, before: Any) -> bool:
    """True if both sides are operations on a built-in container that are documented as atomic."""
    if type(target) is dict and is_module(target):
        return False
    innermost = [next(visible(side[2]), None) for side in (now, before)]
    return all(place is not None and single.is_single(target, *place) for place in innermost)


def found(target: Any, key: Any, now: Any, before: Any) -> None:
    """A race, unless the same pair of stacks was reported already. Two waits for a WaitGroup do not race."""
    if now[0] == before[0] and special(target, key) == "WaitGroup":
        return
    if _atomic_builtins and are_single(target, now, before):
        return
    stacks = frozenset(frames(side[2]) or (side[1].name, frames(side[1].created or ())) for side in (now, before))
    with HOLDING:
        if stacks in _seen:
            return
        _seen.add(stacks)
        place = described(target, key)
        lines = written(place, now, before, id(target))
        now_side, before_side = (Access(side[0], party(side[1]), frames(side[2])) for side in (now, before))
        FOUND.append(Report(place, (now_side, before_side), plain(lines)))
        emit(plain(lines), painted(lines))
        if _options.halt_on_error:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None:
                    stream.flush()
            os._exit(_options.exitcode)


def print_by(function: Callable[[str], None]) -> None:
    """Has a function print what would go to stderr or stdout."""
    global _printed
    _printed = function


def chosen() -> Options:
    """What GORACE said when the detector was turned on."""
    return _options


def emit(text: str, coloured: str | None = None) -> None:
    """Prints where GORACE says; coloured on a terminal."""
    path = _options.log_path
    if path in ("stderr", "stdout") and _printed is not None:
        _printed(text)
        return
    if path in ("stderr", "stdout"):
        stream = sys.__stderr__ if path == "stderr" else sys.__stdout__
        if stream is not None:
            stream.write(coloured if coloured is not None and stream.isatty() else text)
            stream.flush()
        return
    try:
        with open(f"{path}.{os.getpid()}", "a", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        if sys.__stderr__ is not None:
            sys.__stderr__.write(f"gofer: GORACE: log_path: {error}\n{text}")
            sys.__stderr__.flush()


def at_exit() -> None:
    """The count, and the status of a program in which races were found: the interpreter ends as ever, and then so."""
    if detector.SWITCH.on and _options.atexit_sleep_ms:
        time.sleep(_options.atexit_sleep_ms / 1000)
    if FOUND and detector.SWITCH.on:
        emit(f"Found {len(FOUND)} data race(s)\n")
        if _options.exitcode:
            ending.end_with(_options.exitcode)


def start(atomic_builtins: bool, ends_process: bool) -> None:
    """Reports go out from now on, as GORACE says; ValueError where that has a mistake."""
    global _options, _atomic_builtins
    _options = options.read(os.environ.get("GORACE", ""))
    _atomic_builtins = atomic_builtins
    detector.STATE["sink"] = found
    if ends_process:
        atexit.register(at_exit)
