"""What goroutines are doing: records for `runtime.goroutines()`, and the text of a dump."""

from __future__ import annotations

import os
import reprlib
from types import CodeType
from typing import Any, NamedTuple

from gofer._core.machine import folders, reasons
from gofer._core.sched import census, scheduler
from gofer._core.sched.timers import TIMERS

_COMMAND = folders.PACKAGE + "cli" + os.sep
_GROUP_FROM = 50
_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60


class Frame(NamedTuple):
    """One call on a goroutine's stack."""

    function: str
    arguments: str
    file: str
    line: int


class GoroutineInfo(NamedTuple):
    """One goroutine at one moment: `runtime.Goroutine`."""

    id: int
    state: str
    wait_reason: str | None
    waiting_for: Any
    created_by: str | None
    created_at: tuple[str, int] | None
    parent_id: int
    frames: tuple[Frame, ...]
    waited: float


def is_internal(filename: str) -> bool:
    """True if a source file is gofer's own, or the interpreter's way of starting a script."""
    return filename.startswith((folders.PACKAGE, "gofer/", "src/gofer/", "<frozen"))


def short_path(filename: str) -> str:
    """Relative to the working directory where that is shorter."""
    try:
        relative = os.path.relpath(filename)
    except (ValueError, OSError):
        return filename
    return relative if not relative.startswith("..") else filename


def line_of(code: CodeType, lasti: int) -> int:
    """The line of an instruction."""
    for start, end, line in code.co_lines():
        if start <= lasti < end and line is not None:
            return line
    return code.co_firstlineno


class Teller:
    """Tells what goroutines do, in words. They have much in common, and what has been told once is known: for as long
    as the code and the values are kept by who has taken them, since it goes by their identity.
    """

    def __init__(self) -> None:
        self.shown: dict[int, bool | None] = {}
        self.places: dict[tuple[int, int], tuple[str, int]] = {}
        self.calls: dict[tuple[int, ...], Frame] = {}
        self.values: dict[int, str] = {}

    def info(self, g: Any, reason: int, awaited: Any, stack: census.Stack | None) -> GoroutineInfo:
        """One goroutine."""
        words = reasons.NAMES[reason]
        state = words if reason in (reasons.RUNNING, reasons.RUNNABLE, reasons.DEAD) else "waiting"
        waits = state == "waiting"
        code = g.created_code
        return GoroutineInfo(
            g.id,
            state,
            words if waits else None,
            awaited if waits else None,
            code.co_qualname if code is not None else None,
            self.place(code, g.created_lasti) if code is not None else None,
            g.parent_id,
            _not_started(g.fn) if stack is None else self.frames(stack),
            max(TIMERS.now() - g.since, 0.0) if waits and g.since else 0.0,
        )

    def frames(self, stack: census.Stack) -> tuple[Frame, ...]:
        """The calls of a stack that are the program's."""
        found = []
        for code, lasti, arguments in stack:
            shown = self.is_shown(code)
            if shown is None:
                break
            if shown:
                found.append(self.call(code, lasti, arguments))
        return tuple(found)

    def is_shown(self, code: CodeType) -> bool | None:
        """False for gofer's own code; None for the command's, which has started the program."""
        if id(code) not in self.shown:
            file = code.co_filename
            self.shown[id(code)] = None if file.startswith(_COMMAND) else not is_internal(file)
        return self.shown[id(code)]

    def call(self, code: CodeType, lasti: int, arguments: tuple[Any, ...]) -> Frame:
        """One call."""
        key = (id(code), lasti, *map(id, arguments))
        if key not in self.calls:
            self.calls[key] = Frame(code.co_qualname, self.arguments(arguments), *self.place(code, lasti))
        return self.calls[key]

    def place(self, code: CodeType, lasti: int) -> tuple[str, int]:
        """File and line."""
        key = id(code), lasti
        if key not in self.places:
            self.places[key] = short_path(code.co_filename), line_of(code, lasti)
        return self.places[key]

    def arguments(self, pairs: tuple[Any, ...]) -> str:
        """`name=value, ...`."""
        return ", ".join([f"{name}={self.value(value)}" for name, value in zip(pairs[::2], pairs[1::2], strict=True)])

    def value(self, value: Any) -> str:
        """A value in few characters."""
        key = id(value)
        if key not in self.values:
            try:
                self.values[key] = _short.repr(value)
            except Exception as error:
                self.values[key] = f"<{type(error).__name__} in repr>"
        return self.values[key]


def _not_started(fn: Any) -> tuple[Frame, ...]:
    code = getattr(fn, "__code__", None)
    name = getattr(fn, "__qualname__", repr(fn))
    if code is None:
        return (Frame(name, "", "(built-in)", 0),)
    return (Frame(name, "...", short_path(code.co_filename), code.co_firstlineno),)


def goroutines() -> list[GoroutineInfo]:
    """All goroutines, by id, as they were at one moment."""
    members = scheduler.shared().goroutines()
    taken = census.of_goroutines(members)
    teller = Teller()
    return [teller.info(g, *found) for g, found in zip(members, taken, strict=True) if found is not None]


def header(info: GoroutineInfo, others: int = 0) -> str:
    """`goroutine 8 [chan receive, 3 minutes]:`."""
    words = info.wait_reason or info.state
    minutes = int(info.waited // 60)
    since = f", {minutes} minutes" if minutes else ""
    more = f" and {others:,} more" if others else ""
    return f"goroutine {info.id}{more} [{words}{since}]:"


def _body(info: GoroutineInfo) -> str:
    lines = []
    for frame in info.frames:
        lines.append(f"{frame.function}({frame.arguments})")
        lines.append(f"    {frame.file}:{frame.line}")
    lines.extend(created_lines(info))
    return "\n".join(lines)


def created_lines(info: GoroutineInfo) -> list[str]:
    """`created by main in goroutine 1` and where."""
    if info.created_by is None or info.created_at is None:
        return []
    parent = f" in goroutine {info.parent_id}" if info.parent_id else " in a thread"
    return [f"created by {info.created_by}{parent}", f"    {info.created_at[0]}:{info.created_at[1]}"]


def text(infos: list[GoroutineInfo]) -> str:
    """The dump; where there are many, identical stacks are shown once."""
    if len(infos) < _GROUP_FROM:
        return "\n\n".join(f"{header(info)}\n{_body(info)}" for info in infos)
    groups: dict[tuple[str, str], list[GoroutineInfo]] = {}
    for info in infos:
        groups.setdefault((info.wait_reason or info.state, _body(info)), []).append(info)
    return "\n\n".join(f"{header(members[0], len(members) - 1)}\n{body}" for (_, body), members in groups.items())


def all_text() -> str:
    """The dump of all goroutines."""
    return text(goroutines())


def one(g: Any) -> GoroutineInfo:
    """One goroutine, which runs on this thread."""
    return Teller().info(g, g.reason, g.awaited(), census.here())
