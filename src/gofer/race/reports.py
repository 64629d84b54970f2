"""Reports: what raced, in Go's form, and how the process ends because of it."""

from __future__ import annotations

import atexit
import os
import shlex
import sys
import threading
from dataclasses import dataclass
from types import CodeType
from typing import Any

from gofer.race import detector

HERE = os.path.dirname(os.path.abspath(__file__))
HIDDEN = (HERE, os.path.dirname(HERE) + os.sep, threading.__file__)
HIDDEN_NAMES = ("<frozen runpy>",)
COMMAND = os.path.join(os.path.dirname(sys.executable), "gofer")
RULE = "=" * 18


@dataclass(frozen=True)
class Access:
    """One side of a race."""

    kind: str
    goroutine: Any
    stack: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True)
class Report:
    """A data race: what was accessed, and the two accesses, the later one first."""

    location: str
    accesses: tuple[Access, Access]
    text: str


FOUND: list[Report] = []
_seen: set[Any] = set()
_options: dict[str, str] = {}


def options() -> dict[str, str]:
    """The keys of GORACE."""
    text = os.environ.get("GORACE", "")
    return dict(part.split("=", 1) for part in shlex.split(text) if "=" in part)


def frames(stack: Any) -> tuple[tuple[str, str, int], ...]:
    """(function, file, line) of a stack, innermost first, without gofer's and threading's own frames."""
    found = []
    for code, lasti in zip(stack[::2], stack[1::2], strict=True):
        file = code.co_filename
        if not file.startswith(HIDDEN) and file not in HIDDEN_NAMES and file != COMMAND:
            found.append((code.co_qualname, file, line_of(code, lasti)))
    return tuple(found)


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
        return {"next": "generator", "close": "channel", "add": "WaitGroup"}.get(key) or f"{kind}.{key}"
    kind = type(target).__name__
    if key[0] == "[" and kind == "dict" and is_module(target):
        module = target.get("__name__", "?")
        return f"global {key[1]} of {'main' if module == '__main__' else module}"
    if key[0] == "variable":
        return f"closure variable {key[1]} of {key[2] or '?'}()"
    if key[0] == "[":
        return f"{kind}[{key[1]!r}]"
    return f"{kind} (structure)" if key[0] == "structure" else f"{kind} (elements)"


def is_module(space: Any) -> bool:
    """Whether a dict is the globals of a module."""
    module = sys.modules.get(str(space.get("__name__")))
    return module is not None and vars(module) is space


def stack_lines(stack: Any) -> list[str]:
    prefix = _options.get("strip_path_prefix", "")
    lines = []
    for function, file, line in frames(stack):
        name = function + ("" if function.startswith("<module>") else "()")
        lines += [f"  {name}", f"      {file.removeprefix(prefix) if prefix else file}:{line}"]
    return lines


def written(place: str, now: Any, before: Any, address: int) -> str:
    """The report as it is printed."""
    kind, actor, stack = now
    lines = [RULE, "WARNING: DATA RACE"]
    lines.append(f"{kind.capitalize()} of {place} at {address:#x} by {detector.label(actor)}:")
    lines += [*stack_lines(stack), ""]
    kind, other, stack = before
    lines.append(f"Previous {kind} of {place} at {address:#x} by {detector.label(other)}:")
    lines += stack_lines(stack)
    for one in dict.fromkeys((actor, other)):
        if one.created is not None:
            state = "finished" if one.finished else "running"
            name = detector.label(one)
            lines += ["", f"{name[0].upper()}{name[1:]} ({state}) created at:", *stack_lines(one.created)]
    return "\n".join([*lines, RULE, ""])


def found(target: Any, key: Any, now: Any, before: Any) -> None:
    """A race, unless the same pair of stacks was reported already. Two waits for a WaitGroup do not race."""
    if key == "add" and now[0] == before[0]:
        return
    stacks = frozenset((frames(now[2]), frames(before[2])))
    if stacks in _seen:
        return
    _seen.add(stacks)
    place = described(target, key)
    text = written(place, now, before, id(target))
    sides = tuple(Access(side[0], side[1], frames(side[2])) for side in (now, before))
    FOUND.append(Report(place, (sides[0], sides[1]), text))
    emit(text)
    if _options.get("halt_on_error") == "1":
        os._exit(int(_options.get("exitcode", "66")))


def emit(text: str) -> None:
    path = _options.get("log_path", "stderr")
    if path in ("stderr", "stdout"):
        stream = sys.__stderr__ if path == "stderr" else sys.__stdout__
        if stream is not None:
            stream.write(text)
            stream.flush()
        return
    with open(f"{path}.{os.getpid()}", "a", encoding="utf-8") as file:
        file.write(text)


def at_exit() -> None:
    """The count, and the status of a program in which races were found."""
    if FOUND and detector.SWITCH.on:
        emit(f"Found {len(FOUND)} data race(s)\n")
        status = int(_options.get("exitcode", "66"))
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        if status:
            os._exit(status)


def start(ends_process: bool) -> None:
    """Reports go out from now on."""
    _options.clear()
    _options.update(options())
    detector.STATE["sink"] = found
    if ends_process:
        atexit.register(at_exit)
