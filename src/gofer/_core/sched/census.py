"""What goroutines and threads do at one moment: the one way to look at calls that others are in.

All of it is taken at once while nothing else runs (`stacks`), and told afterwards. The frame object of a call that runs
on another thread is not safe to read without a GIL, and making one for each call took a hundred times as long.

A stack is a list of calls, the newest first: the code object, the offset of its instruction, and its arguments, names
and values in turn. The values are kept alive until they have been told, so who looks may be who lets the last one go.
"""

from __future__ import annotations

from _thread import get_ident
from types import CodeType
from typing import Any

from gofer._core.machine import borrow, reasons, stacks, switch
from gofer._core.machine.borrow import Size
from gofer._core.sched import borrowed, owner
from gofer._core.sched.goroutine import Carrier, Goroutine
from gofer._core.sched.worker import Worker

Stack = list[tuple[CodeType, int, tuple[Any, ...]]]
ENDED = -1
ALL = 1 << 30


def of_goroutines(members: Any) -> list[Any]:
    """For each goroutine `(reason, what it waits for, stack)`, the stack None where it has not started; or None where
    it has ended.
    """
    pile = stacks.begin(True)
    for each in members:
        g: Goroutine = each
        put_goroutine(pile, g)
    stacks.end(pile)
    try:
        return [next_goroutine(pile) for _ in members]
    finally:
        stacks.clear(pile)


def put_goroutine(pile: Any, g: Goroutine) -> None:
    """While nothing else runs: who has said that it runs is on its thread; who has not may be about to leave that."""
    if not g.registry:
        stacks.put_number(pile, ENDED)
        return
    stacks.put_number(pile, g.reason)
    stacks.put_object(pile, g.waiting_on)
    stacks.put_number(pile, g.carrier != borrow.NOTHING)
    if g.carrier:
        carrier: Carrier = borrowed.carrier(g.carrier)
        if g.reason == reasons.RUNNING or not stacks.put_waiting(pile, carrier.greenlet):
            worker: Worker = owner.worker(g.worker)
            stacks.put_thread(pile, worker.ident, ALL)


def next_goroutine(pile: Any) -> Any:
    """The same afterwards."""
    reason = stacks.next_number(pile)
    if reason == ENDED:
        return None
    awaited = stacks.next_object(pile)
    started = stacks.next_number(pile)
    return reason, awaited, next_stack(pile) if started else None


def next_stack(pile: Any) -> list[Any]:
    stack = []
    lasti = stacks.next_number(pile)
    while lasti >= 0:
        code = stacks.next_object(pile)
        stack.append((code, lasti, stacks.next_arguments(pile, code)))
        lasti = stacks.next_number(pile)
    return stack


def of_thread(ident: Size, most: Size) -> list[Any]:
    """The newest calls, `most` at most, of a thread; none where there is no such thread."""
    return look_at(ident, most, True)


def here() -> list[Any]:
    """The stack of the caller."""
    return look_at(get_ident(), ALL, False)


def look_at(ident: Size, most: Size, others: bool) -> list[Any]:
    pile = stacks.begin(others)
    stacks.put_thread(pile, ident, most)
    stacks.end(pile)
    try:
        return next_stack(pile)
    finally:
        stacks.clear(pile)


switch.load()
