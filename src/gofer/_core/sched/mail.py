"""Mail: the exceptions that a goroutine is to raise because others want it to; a main one, most often.

Ctrl-C, what the handler of a signal raises, a deadlock, a test's failure are letters to a main goroutine. It raises
them one after another, none is lost. A letter is opened on the goroutine's own stack only: where it waits, gives way or
is preempted (see `scheduler`, `preempt`), or where a signal of gofer's own meets it (see `interrupts`). Whoever posts
one raises `interrupted`; who finds that up looks into the mailbox and lowers it where there is nothing, so that nobody
pays for mail who gets none.

`EXITS` has the `SystemExit`s of goroutines, which are for whichever goroutine is the main one. The first counts: while
a main goroutine handles one, that is, runs its `finally` blocks and the like, others do not disturb it. Where it has
waited meanwhile that is noted (`deaf`), since others cannot see what it handles. They stay in `EXITS`, and it gets the
next one if it has caught the first and goes on. What is left when the program ends still makes its status.
"""

from __future__ import annotations

import sys
from typing import Any

from gofer._core.machine import guard
from gofer._core.sched.goroutine import Goroutine, Letter, Mailbox
from gofer._core.sched.runtime import ENDING, RUNTIME

EXITS: list[BaseException] = []


def post(g: Goroutine, error: Any) -> None:
    """`g` is to raise `error`; from any thread. Who wants that soon wakes it (`interrupts`)."""
    letter: Letter = Letter(error)
    fresh: Mailbox = Mailbox()
    guard.lock(g.gate)
    if g.mailbox is None:
        g.mailbox = fresh
    box: Mailbox = g.mailbox
    if box.first is None:
        box.first = letter
    else:
        last: Letter = box.first
        while last.next is not None:
            last = last.next
        last.next = letter
    guard.raise_flag(g.interrupted)
    guard.unlock(g.gate)


def look(g: Goroutine) -> None:
    """Has `g` look whether there is anything for it, such as an exit."""
    guard.lock(g.gate)
    guard.raise_flag(g.interrupted)
    guard.unlock(g.gate)


def is_waiting(g: Goroutine) -> bool:
    """True if a letter to `g` has not been opened; from any thread."""
    box: Mailbox = g.mailbox
    guard.lock(g.gate)
    waiting = box.first is not None
    guard.unlock(g.gate)
    return waiting


def stops(g: Goroutine) -> bool:
    """Asked by who is armed and about to wait: whether it must not, and nobody else has woken it."""
    return receive(g) and g.claim()


def receive(g: Goroutine) -> bool:
    """True if there is something that `g`, the caller, has to raise; `open_letter` has it then."""
    box: Mailbox = g.mailbox
    if box.opened is not None:
        return True
    letter: Letter | None = None
    guard.lock(g.gate)
    if box.first is not None:
        letter = box.first
        box.first = letter.next
    guard.unlock(g.gate)
    if letter is not None:
        box.opened = letter.error
    elif RUNTIME.over and sys.is_finalizing():
        box.opened = RuntimeError(ENDING)
    else:
        box.deaf = handles_exit(box.outer)
        if box.deaf:
            return False
        if g is RUNTIME.main_goroutine():
            box.opened = take_exit()
    box.leaving = isinstance(box.opened, SystemExit)
    if box.opened is None:
        lower(g, box)
        return False
    return True


def lower(g: Goroutine, box: Mailbox) -> None:
    """Nothing has come: `g` need not look before somebody tells it to."""
    guard.lock(g.gate)
    if box.first is None and not EXITS and not RUNTIME.over:
        guard.take(g.interrupted)
    guard.unlock(g.gate)


def is_leaving(g: Goroutine) -> bool:
    """True if what `g` has raised last was a `SystemExit`."""
    box: Mailbox = g.mailbox
    return box.leaving


def open_letter(g: Goroutine) -> Any:
    """What `receive` has found."""
    box: Mailbox = g.mailbox
    error = box.opened
    box.opened = None
    box.raised = id(error)
    return error


def has_brought(g: Goroutine, error: Any) -> bool:
    """True if this is what `g` has raised last because others wanted it to."""
    if g.mailbox is None:
        return False
    box: Mailbox = g.mailbox
    return box.raised == id(error)


def handles_exit(outer: Any) -> bool:
    """True if the caller handles a `SystemExit`; not counting what surrounds `outer`, and that."""
    error = sys.exception()
    while error is not None and error is not outer:
        if isinstance(error, SystemExit):
            return True
        error = error.__context__
    return False


def take_exit() -> Any:
    """The first of the exits that have reached nobody; None where there is none."""
    if not EXITS:
        return None  # no exception is made: who has armed itself asks
    try:
        return EXITS.pop(0)
    except IndexError:
        return None


def put_back(error: Any) -> None:
    """The main goroutine cannot be told now."""
    EXITS.insert(0, error)
