"""What is on a frame's value stack at an instruction: the `with` blocks that it is inside of, and the loops' iterators.

The exception table tells only where an exception would go, so it leaves out what raises none (before Python 3.14 a
loop's jump back) and what belongs to the block all the same: the call of `__exit__` and the handler that makes it, at
which line events come on 3.11. So the code is walked as the interpreter does it, with the height of the stack, and
with what is known of its places: where an `__exit__` or an iterator is, until it is popped. Not compiled.

Rejected: to look at all that is on the stack. How high it is only the interpreter's registers know, and what is above
may have been freed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from opcode import EXTENDED_ARG, HAVE_ARGUMENT, hasjrel, opmap, opname, stack_effect
from types import CodeType
from typing import NamedTuple

EXIT = "exit"
ITERATOR = "iterator"
ENTERING = "entering"  # the context manager whose `__enter__` is called, or its `__exit__`
LEAVING = "leaving"  # half-way out of a `with` block

SPECIAL = "LOAD_SPECIAL" in opmap  # from Python 3.14 on `__exit__` takes two places: the function, and its self
_SPECIAL_EXITS = (1, 3)  # `__exit__` and `__aexit__`, as an argument of LOAD_SPECIAL
_GENERATOR = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
_SENT = 1 - stack_effect(opmap["RETURN_GENERATOR"], None)  # a generator begins by popping what is sent to it
_ENDS = frozenset(
    {
        "RETURN_VALUE",
        "RETURN_CONST",
        "RAISE_VARARGS",
        "RERAISE",
        "JUMP_FORWARD",
        "JUMP_BACKWARD",
        "JUMP_BACKWARD_NO_INTERRUPT",
    }
)
_WITH = ("BEFORE_WITH", "BEFORE_ASYNC_WITH")
_LOOPS = ("GET_ITER", "GET_YIELD_FROM_ITER")
_MARKING = frozenset(opmap[name] for name in (*_WITH, *_LOOPS, "LOAD_SPECIAL") if name in opmap)
_CALLS = frozenset({"CALL", "CALL_KW", "CALL_FUNCTION_EX"})

Marks = tuple[tuple[int, str], ...]


class Step(NamedTuple):
    """An instruction: its name and argument, the offset of the next one, and that of its jump's target, or -1."""

    name: str
    code: int
    arg: int
    following: int
    target: int


class Handler(NamedTuple):
    """An entry of the exception table, in bytes: where it holds, where it leads, the height of the stack below."""

    start: int
    end: int
    target: int
    depth: int
    lasti: int


def marks_at(code: CodeType, offset: int) -> Marks:
    """The places (from 0, the bottom) of the value stack where something is known to be before an instruction, or, by
    that of a call, while it lasts.
    """
    return all_marks(code).get(offset, ())


@lru_cache(1024)
def all_marks(code: CodeType) -> dict[int, Marks]:
    """The same for the whole code; an offset without any is left out. In what is never reached nothing is known."""
    raw = code.co_code
    if _MARKING.isdisjoint(raw[::2]):
        return {}
    steps = dict(instructions(raw))
    handlers = list(exception_entries(code.co_exceptiontable))
    starts = [entry.start for entry in handlers]
    found: dict[int, Marks] = {}
    seen: set[int] = set()
    ahead: list[tuple[int, int, Marks]] = [(0, _SENT if code.co_flags & _GENERATOR else 0, ())]
    while ahead:
        offset, height, marks = ahead.pop()
        if offset in seen or offset not in steps:
            continue
        seen.add(offset)
        step = steps[offset]
        known = during(step, height, marks)
        if known:
            found.update(dict.fromkeys(range(offset, step.following, 2), known))
        index = bisect_right(starts, offset) - 1
        if index >= 0 and offset < handlers[index].end:
            entry = handlers[index]
            ahead.append((entry.target, entry.depth + entry.lasti + 1, below(marks, entry.depth)))
        if step.target >= 0:
            ahead.append((step.target, *after(step, height, marks, True)))
        if step.name not in _ENDS:
            ahead.append((step.following, *after(step, height, marks, False)))
    return found


def during(step: Step, height: int, marks: Marks) -> Marks:
    """What is known while an instruction is executed; an `__exit__` that it hands on or moves may be gone."""
    if step.name in _WITH:
        return (*marks, (height - 1, ENTERING))
    if marks and (step.name in _CALLS or step.name == "SWAP"):
        kept = after(step, height, marks, False)[1]
        if any(kind == EXIT and (place, kind) not in kept for place, kind in marks):
            return (height, LEAVING), *(mark for mark in marks if mark in kept)
        return kept if step.name in _CALLS else marks
    return marks


def after(step: Step, height: int, marks: Marks, jumps: bool) -> tuple[int, Marks]:
    """Height and marks when an instruction has been executed."""
    height_then = height + stack_effect(step.code, step.arg if step.code >= HAVE_ARGUMENT else None, jump=jumps)
    kept = below(marks, min(height, height_then - (step.name in _CALLS)))
    if step.name == "SWAP":
        other = {height - 1: height - step.arg, height - step.arg: height - 1}
        kept = tuple((other.get(place, place), kind) for place, kind in kept)
    elif step.name in _WITH or (step.name == "LOAD_SPECIAL" and step.arg in _SPECIAL_EXITS):
        kept = (*below(kept, height - 1), (height - 1, EXIT))
    elif step.name in _LOOPS:
        kept = (*below(kept, height - 1), (height - 1, ITERATOR))
    return height_then, kept


def below(marks: Marks, height: int) -> Marks:
    """Those that are still there when the stack has this height."""
    return tuple(mark for mark in marks if mark[0] < height) if marks else marks


def instructions(raw: bytes) -> Iterator[tuple[int, Step]]:
    """Each instruction with its offset, and one for each prefix that makes its argument larger."""
    prefix = 0
    offset = 0
    while offset < len(raw):
        code = raw[offset]
        arg = prefix << 8 | raw[offset + 1]
        following = offset + 2
        while following < len(raw) and not raw[following]:  # CACHE
            following += 2
        name = opname[code]
        target = -1
        if code in _JUMPS:
            target = following + (-2 if "BACKWARD" in name else 2) * arg
        yield offset, Step(name, code, arg, following, target)
        prefix = arg if code == EXTENDED_ARG else 0
        offset = following


def exception_entries(table: bytes) -> Iterator[Handler]:
    """The entries of a code object's exception table, in order; no two overlap."""
    numbers = _varints(table)
    for start in numbers:
        size, target, depth_and_flag = next(numbers), next(numbers), next(numbers)
        yield Handler(2 * start, 2 * (start + size), 2 * target, depth_and_flag >> 1, depth_and_flag & 1)


def _varints(table: bytes) -> Iterator[int]:
    """Six bits a byte, the highest first; 64 marks that more follow, 128 an entry's beginning."""
    value = 0
    for byte in table:
        value = value << 6 | byte & 63
        if not byte & 64:
            yield value
            value = 0


_JUMPS = frozenset(hasjrel) - {opmap.get("END_ASYNC_FOR", -1)}  # that one names the loop's SEND, and does not go there
