"""Select: choose, enqueue, withdraw.

`choose` looks for a case that can proceed, at random where several can, and `perform` does it. Where none can,
`enqueue` puts a waiter of each case into its channel's queue while it holds all the channels (in the order of their
addresses, so that two selects cannot lock each other out), and `withdraw` takes the waiters of the other cases out
again once one has been served. The goroutine is armed once for all its waiters, so one channel serves it and no other.

A case only says what is to be done, so that goroutines may share one. The waiters of a select are a chain that begins
with the goroutine's own and is in the order of the cases; its result is left in that first one. None of them has a
value any more when the select is over, and none loses one in a guard (see `chan`).

`choose` keeps the k-th case it finds ready with probability 1/k: a number is drawn only where two are ready, and no
order has to be shuffled, which took longer than all the rest. Cases that wait in one queue are served in its order, of
which only the first counts; so the k-th of them goes before the others with the same probability. (Go shuffles all.)
"""

from __future__ import annotations

from typing import Any, NamedTuple

from gofer._core.chan import chan as channels
from gofer._core.chan.chan import Chan
from gofer._core.machine import borrow, guard, reasons, record
from gofer._core.machine.borrow import Size
from gofer._core.machine.errors import ClosedChannelError
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import borrowed, goroutine, scheduler, wakeup
from gofer._core.sched.choice import CHOICE
from gofer._core.sched.goroutine import Goroutine, Waiter
from gofer._core.sched.timers import TIMERS
from gofer._core.sched.waitqueue import WaitQueue

DEFAULT = -1
NO_CHANNEL, SOME, TIMER = 0, 1, 2


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

    def __repr__(self) -> str:
        return f"<{'send' if self.sends else 'recv'} on {self.chan!r}>"


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
    case: Case = Case.__new__(Case) if borrow.COMPILED else Case()
    case.chan = chan_of(ch, "recv")
    return case


def send(ch: Any, value: Any) -> Case:
    """The case that sends `value` on `ch`; never ready when that is None. Go: `case ch <- value`."""
    case: Case = Case.__new__(Case) if borrow.COMPILED else Case()
    case.chan = chan_of(ch, "send")
    case.sends = True
    case.value = value
    return case


def choose(cases: tuple[Any, ...]) -> Size:
    """The position of a case that can proceed, at random where several can; DEFAULT where none can."""
    chosen = DEFAULT
    found = 0
    for i in range(len(cases)):
        case: Case = cases[i]
        if case.chan is not None:
            chan: Chan = case.chan
            guard.lock(chan.gate)
            ready = is_ready(case)
            guard.unlock(chan.gate)
            if ready:
                found += 1
                if found == 1 or CHOICE.case(found) == 0:
                    chosen = i
    return chosen


def is_ready(case: Case) -> bool:
    """In the guard: whether it could proceed now, as far as can be seen without disturbing those who wait."""
    chan: Chan = case.chan
    if chan.is_closed:
        return True
    if case.sends:
        return True if chan.receivers.head else chan.count < chan.capacity
    if chan.senders.head or chan.count:
        return True
    return chan.timed and chan.is_due()


def perform(case: Case, into: Waiter, clock: Any) -> bool:
    """Does what a case says, into a waiter, if that needs no waiting after all."""
    chan: Chan = case.chan
    guard.lock(chan.gate)
    if case.sends:
        if chan.is_closed:
            guard.unlock(chan.gate)
            raise ClosedChannelError("send on closed channel")
        if channels.offer(chan, case.value, clock):
            into.ok = True
            return True
    elif channels.poll(chan, into, clock):
        return True
    guard.unlock(chan.gate)
    return False


def in_lock_order(cases: tuple[Any, ...]) -> list[Any]:
    """The channels of the cases in the order in which they are locked."""
    channels = {}
    for each in cases:
        case: Case = each
        if case.chan is not None:
            channels[id(case.chan)] = case.chan
    return [channels[address] for address in sorted(channels)]


def lock_all(channels: list[Any]) -> None:
    for each in channels:
        chan: Chan = each
        guard.lock_more(chan.gate)


def unlock_all(channels: list[Any]) -> None:
    for each in channels:
        chan: Chan = each
        guard.unlock(chan.gate)


def make_chain(first: Waiter, cases: tuple[Any, ...], g: Goroutine) -> Size:
    """A waiter for each case on a channel; whether there is any such case, and whether one is on a timer's channel."""
    found = NO_CHANNEL
    last: Waiter | None = None
    for each in cases:
        case: Case = each
        if case.chan is not None:
            w: Waiter = first if last is None else goroutine.new_waiter(g)
            if last is not None:
                last.sibling = w
            last = w
            if case.chan.timed:
                case.chan.prepare()
                found = TIMER
            elif found == NO_CHANNEL:
                found = SOME
    return found


def can_proceed(cases: tuple[Any, ...]) -> bool:
    """In all guards: whether one of the cases can by now."""
    for each in cases:
        case: Case = each
        if case.chan is not None and is_ready(case):
            return True
    return False


def enqueue(first: Waiter, cases: tuple[Any, ...], g: Goroutine, clock: Any, dice: Size) -> None:
    """In all guards: arms the goroutine and queues its waiters. `dice` is a number at random."""
    guard.pin()
    g.arm()
    w: Waiter | None = first
    for each in cases:
        case: Case = each
        if case.chan is not None and w is not None:
            chan: Chan = case.chan
            w.value = case.value
            w.clock = clock
            w.ok = False
            w.served = False
            if case.sends:
                if chan.senders.tail:
                    dice = push(chan.senders, w, dice)
                else:
                    chan.senders.push(w)
            elif chan.receivers.tail:
                dice = push(chan.receivers, w, dice)
            else:
                chan.receivers.push(w)
            w = w.sibling


def push(queue: WaitQueue, w: Waiter, dice: Size) -> Size:
    """Queues a waiter, before or behind those of the same select, which are the last in the queue. The next number at
    random: in a guard none can be drawn.
    """
    count = 1
    at = queue.tail
    ahead = borrow.NOTHING
    while at:
        other: Waiter = borrowed.waiter(at)
        if other.goroutine != w.goroutine:
            break
        count += 1
        ahead = at
        at = other.previous
    if count > 1 and (dice >> 8) % count == 0:
        queue.push_before(w, borrowed.waiter(ahead))
    else:
        queue.push(w)
    return (dice * 1103515245 + 12345) & 0x7FFFFFFF


def withdraw(first: Waiter, cases: tuple[Any, ...]) -> Size:
    """In all guards: takes out the waiters that were not served; the position of the one that was."""
    chosen = DEFAULT
    w: Waiter | None = first
    for i in range(len(cases)):
        case: Case = cases[i]
        if case.chan is not None and w is not None:
            if w.queued:
                chan: Chan = case.chan
                if case.sends:
                    chan.senders.unlink(w)
                else:
                    chan.receivers.unlink(w)
            if w.served:
                chosen = i
            w = w.sibling
    return chosen


def unchain(first: Waiter) -> None:
    """Moves the result to the first waiter, and undoes the chain link by link: freed as one, a long one recursed.

    What was not sent is let go; the cases still have it.
    """
    w: Waiter | None = first.sibling
    first.sibling = None
    if not first.served:
        first.value = None
        first.clock = None
    while w is not None:
        if w.served:
            first.value = w.value
            first.ok = w.ok
            first.clock = w.clock
        w.value = None
        following: Waiter | None = w.sibling
        w.sibling = None
        w = following


def watch(cases: tuple[Any, ...]) -> None:
    """Tells the timers' channels that there is one more who waits, or one less."""
    for each in cases:
        case: Case = each
        if case.chan is not None and case.chan.timed:
            case.chan.watch()


def is_crowded(cases: tuple[Any, ...]) -> bool:
    """True if others wait already to receive from each of the channels: a pool. (From one of them many may for another
    reason, as from `ctx.done()`.)
    """
    some = False
    for each in cases:
        case: Case = each
        if case.chan is not None:
            chan: Chan = case.chan
            if case.sends or not chan.receivers.head:
                return False
            some = True
    return some


def wait(first: Waiter, cases: tuple[Any, ...], g: Goroutine, clock: Any) -> Size:
    """Waits for one of the cases, whose position it returns; DEFAULT where one could proceed by now."""
    if is_crowded(cases):
        wakeup.share_out(g)
    found = make_chain(first, cases, g)
    timed = found == TIMER
    dice = CHOICE.case(1 << 30) if len(cases) > 1 else 0
    locked: list[Any] | None = None
    if guard.NEEDED or timed:
        locked = in_lock_order(cases)
        lock_all(locked)
    if (guard.NEEDED or timed or CHOICE.decides) and can_proceed(cases):
        if locked is not None:
            unlock_all(locked)
        unchain(first)
        return DEFAULT
    enqueue(first, cases, g, clock, dice)  # beside a GIL, in one step with `choose`: nothing has run meanwhile
    if locked is not None:
        unlock_all(locked)
    if timed:
        watch(cases)
    interrupted = scheduler.park(g, reasons.SELECT if found else reasons.SELECT_NO_CASES, borrow.of(cases))
    if locked is not None:
        lock_all(locked)
    chosen = withdraw(first, cases)
    if locked is not None:
        unlock_all(locked)
    if timed:
        watch(cases)
    unchain(first)
    if interrupted:
        scheduler.raise_pending(g)
    if guard.seen(g.interrupted) and chosen >= 0:
        case: Case = cases[chosen]
        if not case.sends:
            channels.hand_back(case.chan, g, first)
    scheduler.look_around(g)
    return chosen


def announce(cases: tuple[Any, ...]) -> Any:
    """Tells the race detector; what the select releases. With a seed this is a step."""
    HOOKS.step()
    for each in cases:
        case: Case = each
        if case.chan is not None:
            channels.prepare_clocks(case.chan)
            if case.sends:
                HOOKS.tool.read(case.chan, "close")
    return HOOKS.tool.snapshot()


def result(chosen: Size, case: Case, w: Waiter, clock: Any) -> Any:
    """What the chosen case has left in the waiter."""
    value = w.value
    w.value = None
    if clock is not None:
        clock = w.clock
        w.clock = None
        if clock is not None:
            HOOKS.tool.acquire(clock)
    return record.selected(Selected, chosen, value, w.ok)


def run(cases: tuple[Any, ...], default: bool) -> Selected:
    """The whole of a select."""
    g: Goroutine = scheduler.current()
    clock = announce(cases) if HOOKS.on else None
    looked = False
    if g.own_waiter is None or not borrow.COMPILED:
        goroutine.renew_waiter(g)
    w: Waiter = g.own_waiter
    while True:
        chosen = choose(cases)
        if chosen >= 0:
            case: Case = cases[chosen]
            if perform(case, w, clock):
                break
        elif default:
            if looked or not TIMERS.look():
                return record.selected(Selected, DEFAULT, None, False)
            looked = True  # what was due may have made a case ready
        else:
            chosen = wait(w, cases, g, clock)
            if chosen >= 0:
                case = cases[chosen]
                if case.sends and not w.ok:
                    w.value = None
                    w.clock = None
                    raise ClosedChannelError("send on closed channel")
                break
    return result(chosen, case, w, clock)


def select(*cases: Any, default: bool = False) -> Selected:
    """Waits until one of the cases can proceed, performs it, and says which. Go: the `select` statement.

    When several can, one is chosen at random, uniformly. With `default=True` it never blocks, and where none can the
    index is `DEFAULT`. Without any case, or with cases on None only, it blocks for ever.

    Raises TypeError for something that is no case, `ClosedChannelError` when a send on a closed channel is chosen.
    """
    for each in cases:
        if not isinstance(each, Case):
            raise TypeError(f"select: a case is recv(ch) or send(ch, value), not {type(each).__name__}")
    return run(cases, default)
