"""Select: poll, enqueue, commit.

`poll` tries the cases in an order drawn at random, `enqueue` puts a waiter of each case into its channel's queue while
it holds all the channels (in the order of their addresses, so that two selects cannot lock each other out), `commit`
takes the waiters of the other cases out again once one has been served. The goroutine is armed once for all its
waiters, so one channel serves it and no other.
"""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from gofer._core import borrow, goroutine, guard, reasons, scheduler
from gofer._core.borrow import Size
from gofer._core.chan import Chan
from gofer._core.errors import ClosedChannelError
from gofer._core.goroutine import Waiter, WaitQueue
from gofer._core.hooks import HOOKS

DEFAULT = -1


class Selected(NamedTuple):
    """What `select` chose: the case's position (`DEFAULT`: none was ready), the value received (`None` for a send, the
    channel's zero value once it is closed), and whether the value came from an open channel (true for a send).
    """

    index: int
    value: Any
    ok: bool


class Case:
    """One case: made by `recv` and `send`."""

    def __init__(self) -> None:
        self.chan: Any = None
        self.sends = False
        self.value: Any = None
        self.waiter: Any = None


def chan_of(what: Any, view: str) -> Chan | None:
    """The channel behind a channel or one of its views; TypeError for anything else."""
    if what is None or isinstance(what, Chan):
        return what
    chan = getattr(what, "chan", None)
    if isinstance(chan, Chan) and hasattr(what, view):
        return chan
    raise TypeError(f"{view}(ch): a channel is needed, not {type(what).__name__}")


def recv(ch: Any) -> Case:
    """The case that receives from `ch`; never ready when that is None. Go: `case v := <-ch`."""
    case: Case = Case()
    case.chan = chan_of(ch, "recv")
    return case


def send(ch: Any, value: Any) -> Case:
    """The case that sends `value` on `ch`; never ready when that is None. Go: `case ch <- value`."""
    case: Case = Case()
    case.chan = chan_of(ch, "send")
    case.sends = True
    case.value = value
    return case


class Selection:
    """One `select` under way."""

    def __init__(self, cases: tuple[Any, ...]) -> None:
        self.cases = cases
        self.g = scheduler.current()
        self.result = goroutine.new_waiter(self.g)
        self.clock: Any = None
        self.locked: list[Any] = []

    def lock_all(self) -> None:
        for chan in self.locked:
            locking: Chan = chan
            guard.lock(locking.gate)

    def unlock_all(self) -> None:
        for chan in self.locked:
            unlocking: Chan = chan
            guard.unlock(unlocking.gate)

    def poll(self, default: bool) -> int:
        """The position of a case that could proceed, and did; DEFAULT where none could."""
        n = len(self.cases)
        if n == 0:
            return DEFAULT
        order = None
        if n > 1:
            order = list(range(n))
            shuffle(order)
        for i in range(n):
            start = order[i] if order is not None else i
            case: Case = self.cases[start]
            if case.chan is not None and self.try_case(case):
                return start
        return DEFAULT

    def try_case(self, case: Case) -> bool:
        """Performs a case if that needs no waiting."""
        chan: Chan = case.chan
        guard.lock(chan.gate)
        if case.sends:
            if chan.is_closed:
                guard.unlock(chan.gate)
                raise ClosedChannelError("send on closed channel")
            if chan.offer(case.value, self.clock):
                self.result.ok = True
                return True
        elif chan.poll(self.result, self.clock):
            if self.result.clock is not None:
                HOOKS.tool.acquire(self.result.clock)
            return True
        guard.unlock(chan.gate)
        return False

    def is_ready(self, case: Case) -> bool:
        """In the guards: whether it could proceed now."""
        chan: Chan = case.chan
        if chan.is_closed:
            return True
        if case.sends:
            return chan.count < chan.capacity or chan.waits_to_receive()
        return chan.count > 0 or chan.waits_to_send()

    def enqueue(self) -> None:
        """Puts a waiter of each case into its queue, in the guards."""
        self.g.arm()
        for each in self.cases:
            case: Case = each
            if case.chan is not None:
                queue: WaitQueue = case.chan.senders if case.sends else case.chan.receivers
                w: Waiter = case.waiter
                w.value = case.value
                w.clock = self.clock
                queue.push(w)

    def prepare(self) -> None:
        """Allocates all that `enqueue` needs."""
        channels = {}
        for each in self.cases:
            case: Case = each
            if case.chan is not None:
                channels[id(case.chan)] = case.chan
                case.waiter = goroutine.new_waiter(self.g)
        self.locked = [channels[address] for address in sorted(channels)]

    def can_proceed(self) -> bool:
        """In the guards: whether any case could proceed now."""
        for each in self.cases:
            case: Case = each
            if case.chan is not None and self.is_ready(case):
                return True
        return False

    def commit(self) -> int:
        """Takes out the waiters that were not served; the position of the one that was."""
        chosen = DEFAULT
        self.lock_all()
        for i in range(len(self.cases)):
            case: Case = self.cases[i]
            if case.chan is not None:
                queue: WaitQueue = case.chan.senders if case.sends else case.chan.receivers
                queue.remove(case.waiter)
                w: Waiter = case.waiter
                if w.served:
                    chosen = i
        self.unlock_all()
        return chosen

    def served(self, chosen: Size) -> Selected:
        """The result of the case that was served."""
        case: Case = self.cases[chosen]
        w: Waiter = case.waiter
        if case.sends and not w.ok:
            raise ClosedChannelError("send on closed channel")
        if w.clock is not None and self.clock is not None:
            HOOKS.tool.acquire(w.clock)
        return Selected(chosen, None if case.sends else w.value, w.ok)

    def run(self, default: bool) -> Selected:
        """The whole of a select."""
        if HOOKS.on:
            for each in self.cases:
                case: Case = each
                if case.sends and case.chan is not None:
                    HOOKS.tool.read(case.chan, "close")
            self.clock = HOOKS.tool.snapshot()
        while True:
            chosen = self.poll(default)
            if chosen >= 0:
                taken: Case = self.cases[chosen]
                return Selected(chosen, None if taken.sends else self.result.value, self.result.ok)
            if default:
                return Selected(DEFAULT, None, False)
            self.prepare()
            self.lock_all()
            if not self.can_proceed():
                break
            self.unlock_all()
        self.enqueue()
        self.unlock_all()
        reason = reasons.SELECT if self.locked else reasons.SELECT_NO_CASES
        if scheduler.park(self.g, reason, borrow.of(self)):
            self.commit()
            scheduler.raise_pending(self.g)
        return self.served(self.commit())


def select(*cases: Any, default: bool = False) -> Selected:
    """Waits until one of the cases can proceed, performs it, and says which. Go: the `select` statement.

    When several can, one is chosen at random, uniformly. With `default=True` it never blocks, and where none can the
    index is `DEFAULT`. Without any case, or with cases on None only, it blocks for ever.

    Raises TypeError for something that is no case, `ClosedChannelError` when a send on a closed channel is chosen.
    """
    for case in cases:
        if not isinstance(case, Case):
            raise TypeError(f"select: a case is recv(ch) or send(ch, value), not {type(case).__name__}")
    selection: Selection = Selection(cases)
    return selection.run(default)


shuffle = random.shuffle


def set_shuffle(function: Any) -> None:
    """Has select draw its order with `function`, as `random.shuffle` does."""
    global shuffle
    shuffle = function
