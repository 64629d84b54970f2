"""Channels.

`gate` protects everything in a channel. What holds whenever it is open:
- a buffer with room has no waiting senders, a buffer with values no waiting receivers;
- values leave in the order in which they came, and waiters are served in that order too;
- a value goes from a sender's hands to a receiver's (or into the buffer, or to a waiter) under one guard: whoever is
  interrupted while it waits either takes its waiter out unserved, or has been served.

A closed channel has no waiters, but for values that were given back (see `visit`): they are received as buffered ones.
Whoever completes an operation for somebody who waits puts the result into that waiter and wakes its goroutine after
leaving the guard.

Values have destructors, which are anybody's code, so none dies in the guard: a value is only ever put where there is
none (a free slot, a waiter at rest), and moved on from there. Who receives it from a waiter leaves None, so that it
lives no longer than its receivers want. Whoever has waited takes the result out before anything else can run on that
goroutine and use its waiter; where something may, the waiter is put aside (`scheduler.put_aside`).

A timer's channel (`timed`) has a value of its own from a moment on: `is_due`, `serve` and the others say how it differs
(see `alarms`). Who waits on one calls `prepare` before it enters the guard and `watch` when it has left it.

Happens-before: each slot of a buffer carries a clock that its sender and its receiver exchange, so the k-th send comes
before the k-th receive and the k-th receive before the send that uses the slot next. A rendezvous orders both ways.
"""

from __future__ import annotations

import sys
from types import GenericAlias
from typing import Any, NoReturn

from gofer._core.machine import borrow, guard, reasons, ring
from gofer._core.machine.borrow import Size
from gofer._core.machine.errors import ClosedChannelError
from gofer._core.machine.hooks import HOOKS
from gofer._core.machine.uncopyable import Uncopyable
from gofer._core.sched import borrowed, goroutine, mail, scheduler, waitqueue, wakeup, waking
from gofer._core.sched.goroutine import Goroutine, Waiter
from gofer._core.sched.waitqueue import WaitQueue

VIEWS: dict[str, Any] = {}  # the types of `sender` and `receiver` (see `views`)


class Chan(Uncopyable):
    """A channel. Go: `chan T`, made by `make(chan T, capacity)`. Must not be copied. Usable from any thread.

    `capacity` values are buffered; with none, a send and a receive meet. `zero` is what a receive yields once the
    channel is closed and drained. Raises ValueError for a negative capacity.

    A send happens before the receive that takes its value; the k-th receive before the return of the send k+capacity;
    `close` before a receive that returns because of it.

    >>> ch = Chan(1)
    >>> ch.send("hey")
    >>> ch.recv()
    'hey'
    """

    def __init__(self, capacity: Any = 0, *, zero: Any = None) -> None:
        if isinstance(capacity, bool) or not isinstance(capacity, int):
            raise TypeError(f"a channel's capacity is an int, not {type(capacity).__name__}")
        if capacity < 0:
            raise ValueError(f"a channel's capacity must not be negative: {capacity}")
        if capacity > sys.maxsize:
            raise ValueError(f"a channel's capacity is out of range: {capacity}")
        self.open(capacity, zero)

    def open(self, capacity: Size, zero: Any) -> None:
        """As new."""
        self.gate = guard.make()
        self.zero = zero
        self.is_closed = False
        self.timed = False
        self.head = 0
        self.count = 0
        self.capacity = 0
        if borrow.COMPILED:
            ring.close(self.ring)
        self.ring = ring.make(capacity)
        self.capacity = capacity
        self.receivers = waitqueue.new_queue()
        self.senders = waitqueue.new_queue()
        self.clocks: Any = None
        self.close_clock: Any = None

    def __dealloc__(self) -> None:
        ring.close(self.ring)

    def send(self, value: Any) -> None:
        """Blocks until `value` has been received or buffered. Go: `ch <- value`.

        Raises `ClosedChannelError` when the channel is closed, before or while it waits.
        """
        if self.count < self.capacity and not HOOKS.on:  # the commonest case needs not know who sends
            guard.lock(self.gate)
            if self.count < self.capacity and not self.receivers.head and not self.is_closed:
                fill(self, value)
                guard.unlock(self.gate)
                return
            guard.unlock(self.gate)
        g: Goroutine = scheduler.current()
        clock = None
        if HOOKS.on:
            HOOKS.step()
            HOOKS.tool.read(self, "close")
            clock = HOOKS.tool.snapshot()
            prepare_clocks(self)
        if g.own_waiter is None or not borrow.COMPILED:
            goroutine.renew_waiter(g)
        guard.lock(self.gate)
        if self.is_closed:
            guard.unlock(self.gate)
            raise ClosedChannelError("send on closed channel")
        if not offer(self, value, clock):
            wait_to_send(self, g, value, clock)

    def recv(self) -> Any:
        """Blocks until there is a value and returns it; the zero value once closed and drained. Go: `<-ch`."""
        if self.count and not HOOKS.on:
            guard.lock(self.gate)
            if self.count and not self.senders.head:
                value = drain(self)
                guard.unlock(self.gate)
                return value
            guard.unlock(self.gate)
        w: Waiter = receive(self)
        value = w.value
        w.value = None
        return value

    def recv_ok(self) -> tuple[Any, bool]:
        """As `recv`, with False once the channel is closed and drained. Go: `v, ok := <-ch`."""
        w: Waiter = receive(self)
        value = w.value
        w.value = None
        return value, w.ok

    def close(self) -> None:
        """No more values will be sent: all receivers are released, senders fail. Go: `close(ch)`. Never blocks.

        Raises `ClosedChannelError` when it is closed already.
        """
        scheduler.current()
        clock = None
        if HOOKS.on:
            HOOKS.tool.write(self, "close")
            clock = HOOKS.tool.snapshot()
        if not self.shut(clock):
            raise ClosedChannelError("close of closed channel")

    def shut(self, clock: Any) -> bool:
        """Closes it, as released with `clock`; false where that has been done before."""
        woken = borrow.NOTHING
        kept = borrow.NOTHING
        guard.lock(self.gate)
        if self.is_closed:
            guard.unlock(self.gate)
            return False
        self.is_closed = True
        self.close_clock = clock
        while self.receivers.head:
            w: Waiter = self.receivers.pop()
            if w is not None:
                w.value = self.zero
                w.ok = False
                w.clock = clock
                woken = waking.add(woken, w)
        while self.senders.head:
            w = self.senders.pop()
            if w is not None and w.kept:
                kept = waking.add(kept, w)
            elif w is not None:
                w.ok = False
                woken = waking.add(woken, w)
        while kept:
            w = borrowed.waiter(waking.first(kept))
            kept = waking.without_first(kept)
            g: Goroutine = borrowed.goroutine(w.goroutine)
            g.arm()
            self.senders.push(w)
        guard.unlock(self.gate)
        waking.ready_all(woken)
        return True

    def waits_to_receive(self) -> bool:
        """True if somebody waits to receive."""
        return True if self.receivers.head else False

    def is_due(self) -> bool:
        """In the guard: whether a timer's channel has a value now."""
        return False

    def serve(self, into: Waiter) -> bool:
        """Receives a timer's value if there is one, and then leaves the guard; false: still in it."""
        return False

    def prepare(self) -> None:
        """Somebody is about to wait on a timer's channel."""

    def watch(self) -> None:
        """Somebody waits on a timer's channel now, or does not any more."""

    def take_back(self, value: float) -> None:
        """A value of a timer's channel was not received after all."""

    @property
    def closed(self) -> bool:
        """True if `close` has been called."""
        if HOOKS.on:
            HOOKS.step()
        return self.is_closed

    @property
    def sender(self) -> Any:
        """The channel to send on only. Go: `chan<- T`."""
        return VIEWS["send"](self)

    @property
    def receiver(self) -> Any:
        """The channel to receive from only. Go: `<-chan T`."""
        return VIEWS["recv"](self)

    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        return GenericAlias(cls, item)

    def __len__(self) -> int:
        if HOOKS.on:
            HOOKS.step()
        return self.count

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Chan:
        return self

    def __next__(self) -> Any:
        w: Waiter = receive(self)
        value = w.value
        w.value = None
        if not w.ok:
            raise StopIteration
        return value

    def __repr__(self) -> str:
        state = " closed" if self.is_closed else ""
        return f"<Chan {self.count}/{self.capacity}{state}>"


# What follows is functions, not methods: those of a class that has subclasses are called through a table.


def offer(chan: Chan, value: Any, clock: Any) -> bool:
    """Sends to an open channel if that is possible now, and then leaves the guard; false: still in it."""
    if chan.receivers.head:
        w: Waiter = chan.receivers.pop()
        if w is not None:
            w.value = value
            w.ok = True
            back = None
            if clock is not None:
                back = hand_over_clock(chan, w, clock)
            guard.unlock(chan.gate)
            scheduler.ready(borrowed.goroutine(w.goroutine))
            if back is not None:
                HOOKS.tool.acquire(back)
            return True
    if chan.count < chan.capacity:
        slot_clock = None
        if clock is not None:
            slot_clock = swap_slot_clock(chan, (chan.head + chan.count) % chan.capacity, clock)
        fill(chan, value)
        guard.unlock(chan.gate)
        if slot_clock is not None:
            HOOKS.tool.acquire(slot_clock)
        return True
    return False


def hand_over_clock(chan: Chan, w: Waiter, clock: Any) -> Any:
    """Gives `clock` to a receiver that waits; what the sender has to acquire: the receiver's clock in a rendezvous,
    the slot's in a buffered channel, through a slot of which the value might as well have gone.
    """
    back = w.clock
    if chan.capacity:
        back = swap_slot_clock(chan, chan.head, w.clock)
        chan.head = (chan.head + 1) % chan.capacity
    w.clock = clock
    return back


def fill(chan: Chan, value: Any) -> None:
    slot = chan.head + chan.count
    if slot >= chan.capacity:
        slot -= chan.capacity
    ring.put(chan.ring, slot, value)
    chan.count += 1


def drain(chan: Chan) -> Any:
    """Takes the oldest buffered value."""
    value = ring.take(chan.ring, chan.head)
    chan.head += 1
    if chan.head == chan.capacity:
        chan.head = 0
    chan.count -= 1
    return value


def prepare_clocks(chan: Chan) -> None:
    """Before the guard, where clocks are to be exchanged: makes room for them."""
    if chan.clocks is None and chan.capacity:
        fresh = [None] * chan.capacity
        guard.lock(chan.gate)
        if chan.clocks is None:
            chan.clocks = fresh
        guard.unlock(chan.gate)


def swap_slot_clock(chan: Chan, slot: Size, clock: Any) -> Any:
    """Leaves `clock` with a slot of the buffer and returns what was there."""
    before = chan.clocks[slot]
    chan.clocks[slot] = clock
    return before


def wait_to_send(chan: Chan, g: Goroutine, value: Any, clock: Any) -> None:
    """In the guard: waits until a receiver takes the value."""
    w: Waiter = g.own_waiter
    w.value = value
    w.ok = False
    w.clock = clock
    guard.pin()
    guard.raise_flag(g.armed)
    chan.senders.push(w)
    guard.unlock(chan.gate)
    if scheduler.park(g, reasons.CHAN_SEND, borrow.of(chan)):
        withdraw(chan, chan.senders, w, g)
    if not w.ok:
        w.value = None
        w.clock = None
        raise ClosedChannelError("send on closed channel")
    if clock is not None:
        clock = w.clock
        w.clock = None
        HOOKS.tool.acquire(clock)


def receive(chan: Chan) -> Waiter:
    """Receives now or waits; the goroutine's waiter then has the value."""
    g: Goroutine = scheduler.current()
    if chan.timed:
        chan.prepare()
    if g.own_waiter is None or not borrow.COMPILED:
        goroutine.renew_waiter(g)
    if chan.receivers.head:
        wakeup.share_out(g)
    if HOOKS.on:
        return traced_recv(chan, g)
    guard.lock(chan.gate)
    return wait_to_recv(chan, g, None)


def traced_recv(chan: Chan, g: Goroutine) -> Waiter:
    HOOKS.step()
    clock = HOOKS.tool.snapshot()
    prepare_clocks(chan)
    guard.lock(chan.gate)
    w: Waiter = wait_to_recv(chan, g, clock)
    if w.clock is not None:
        clock = w.clock
        w.clock = None
        HOOKS.tool.acquire(clock)
    return w


def wait_to_recv(chan: Chan, g: Goroutine, clock: Any) -> Waiter:
    """`receive`, in the guard."""
    w: Waiter = g.own_waiter
    if poll(chan, w, clock):
        return w
    w.clock = clock
    guard.pin()
    guard.raise_flag(g.armed)
    chan.receivers.push(w)
    guard.unlock(chan.gate)
    if chan.timed:
        chan.watch()
    if scheduler.park(g, reasons.CHAN_RECEIVE, borrow.of(chan)):
        withdraw(chan, chan.receivers, w, g)
    elif guard.seen(g.interrupted):
        hand_back(chan, g, w)
    return w


def poll(chan: Chan, into: Waiter, clock: Any) -> bool:
    """Receives into a waiter if that is possible now, and then leaves the guard; false: still in it."""
    w: Waiter
    if chan.count:
        slot = chan.head
        into.value = drain(chan)
        into.ok = True
        if clock is not None:
            into.clock = swap_slot_clock(chan, slot, clock)
        if chan.senders.head:
            w = chan.senders.pop()
            if w is not None:
                fill(chan, w.value)
                w.value = None
                w.ok = True
                if clock is not None:
                    swap_slot_clock(chan, slot, w.clock)
                    w.clock = clock
                guard.unlock(chan.gate)
                scheduler.ready(borrowed.goroutine(w.goroutine))
                return True
        guard.unlock(chan.gate)
        return True
    if chan.senders.head:
        w = chan.senders.pop()
        if w is not None:
            into.value = w.value
            w.value = None
            into.ok = True
            w.ok = True
            if clock is not None:
                into.clock = w.clock
                w.clock = clock
            guard.unlock(chan.gate)
            scheduler.ready(borrowed.goroutine(w.goroutine))
            return True
    if chan.timed and chan.serve(into):
        return True
    if chan.is_closed:
        into.value = chan.zero
        into.ok = False
        into.clock = chan.close_clock
        guard.unlock(chan.gate)
        return True
    return False


def withdraw(chan: Chan, queue: WaitQueue, w: Waiter, g: Goroutine) -> NoReturn:
    """An interrupted goroutine waits no more."""
    guard.lock(chan.gate)
    queue.remove(w)
    guard.unlock(chan.gate)
    w.value = None
    w.clock = None
    if chan.timed:
        chan.watch()
    scheduler.raise_pending(g)


def hand_back(chan: Chan, g: Goroutine, w: Waiter) -> None:
    """It has been served, and is to be interrupted before it could take what it got: a value goes back, so that it is
    not lost.
    """
    if not mail.receive(g):
        return
    value = w.value
    seen = w.clock
    w.value = None
    w.clock = None
    if w.ok:
        put_back(chan, value, seen)
    scheduler.raise_pending(g)


class Returned:
    """A value that was given back and for which the buffer has no room; taken like a sender's."""

    def __init__(self) -> None:
        self.g = goroutine.new_goroutine()
        self.w = goroutine.new_waiter(self.g)
        self.w.kept = True
        self.g.on_ready = self

    def __call__(self) -> None:
        """It has been taken."""
        self.g.on_ready = None
        borrow.drop(self)


def put_back(chan: Chan, value: Any, clock: Any) -> None:
    if chan.timed:
        chan.take_back(value)
        return
    spare: Returned = Returned()
    w: Waiter = spare.w
    if clock is not None:
        prepare_clocks(chan)
    guard.lock(chan.gate)
    if chan.receivers.head:
        taker: Waiter = chan.receivers.pop()
        if taker is not None:
            taker.value = value
            taker.ok = True
            taker.clock = clock
            guard.unlock(chan.gate)
            spare.g.on_ready = None
            scheduler.ready(borrowed.goroutine(taker.goroutine))
            return
    if chan.count < chan.capacity:
        unshift(chan, value, clock)
        guard.unlock(chan.gate)
        spare.g.on_ready = None
        return
    w.value = value
    w.clock = clock
    if chan.capacity:
        last = (chan.head + chan.count - 1) % chan.capacity
        w.value = ring.take(chan.ring, last)
        w.clock = chan.clocks[last] if chan.clocks is not None else None
        chan.count -= 1
        unshift(chan, value, clock)
    borrow.hold(spare)
    spare.g.arm()
    chan.senders.push_front(w)
    guard.unlock(chan.gate)


def unshift(chan: Chan, value: Any, clock: Any) -> None:
    """In the guard: before the oldest value of a buffer that has room."""
    chan.head = (chan.head + chan.capacity - 1) % chan.capacity
    ring.put(chan.ring, chan.head, value)
    chan.count += 1
    if clock is not None:
        swap_slot_clock(chan, chan.head, clock)


def show_rings() -> None:
    """Has the collector find what is buffered."""
    sample: Chan = Chan()
    ring.show(Chan, sample, sample.ring)


show_rings()
