"""What goroutines are doing: records for `runtime.goroutines()`, and the text of a dump."""

from __future__ import annotations

import os
import reprlib
import sys
from types import CodeType, FrameType
from typing import Any, NamedTuple

from gofer._core import reasons, scheduler
from gofer._core.timers import TIMERS

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_COMMAND = _PACKAGE + "cli" + os.sep
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
    """Whether a source file is gofer's own, or the interpreter's way of starting a script."""
    return filename.startswith((_PACKAGE, "gofer/", "src/gofer/", "<frozen"))


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


def _argument(name: str, value: Any) -> str:
    try:
        return f"{name}={_short.repr(value)}"
    except Exception as error:
        return f"{name}=<{type(error).__name__} in repr>"


def _frame(frame: FrameType) -> Frame:
    code = frame.f_code
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    values = frame.f_locals if names else {}
    arguments = ", ".join(_argument(name, values[name]) for name in names if name in values)
    return Frame(code.co_qualname, arguments, short_path(code.co_filename), frame.f_lineno or code.co_firstlineno)


def _stack(frame: FrameType | None) -> tuple[Frame, ...]:
    frames = []
    while frame is not None:
        if frame.f_code.co_filename.startswith(_COMMAND):
            break  # what follows is how the program was started
        if not is_internal(frame.f_code.co_filename):
            frames.append(_frame(frame))
        frame = frame.f_back
    return tuple(frames)


def _frames_of(g: Any, running: dict[int, FrameType | None]) -> tuple[Frame, ...]:
    if g.id in running:
        return _stack(running[g.id])
    carrier = g.running_carrier()
    if carrier is not None:
        return _stack(carrier.greenlet.gr_frame)
    code = getattr(g.fn, "__code__", None)
    name = getattr(g.fn, "__qualname__", repr(g.fn))
    if code is None:
        return (Frame(name, "", "(built-in)", 0),)
    return (Frame(name, "...", short_path(code.co_filename), code.co_firstlineno),)


def _info(g: Any, running: dict[int, FrameType | None]) -> GoroutineInfo:
    words = reasons.NAMES[g.reason]
    state = words if g.reason in (reasons.RUNNING, reasons.RUNNABLE, reasons.DEAD) else "waiting"
    waits = state == "waiting"
    code = g.created_code
    return GoroutineInfo(
        id=g.id,
        state=state,
        wait_reason=words if waits else None,
        waiting_for=g.awaited() if waits else None,
        created_by=code.co_qualname if code is not None else None,
        created_at=(short_path(code.co_filename), line_of(code, g.created_lasti)) if code is not None else None,
        parent_id=g.parent_id,
        frames=_frames_of(g, running),
        waited=max(TIMERS.now() - g.since, 0.0) if waits and g.since else 0.0,
    )


def goroutines() -> list[GoroutineInfo]:
    """All goroutines, by id. Those that run on other threads meanwhile may be shown a moment late."""
    here = scheduler.current()
    threads = sys._current_frames()
    running: dict[int, FrameType | None] = {}
    for worker, g in scheduler.shared().running_workers():
        running[g.id] = sys._getframe(1) if g is here else threads.get(getattr(worker.thread, "ident", 0) or 0)
    return [_info(g, running) for g in scheduler.shared().goroutines()]


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
    return _info(g, {g.id: sys._getframe(1)})
