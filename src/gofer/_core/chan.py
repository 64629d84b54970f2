"""Channels.

`gate` protects everything in a channel. What holds whenever it is open:
- a buffer with room has no waiting senders, a buffer with values no waiting receivers;
- values leave in the order in which they came, and waiters are served in that order too;
- a value goes from a sender's hands to a receiver's (or into the buffer, or to a waiter) under one guard: whoever is
  interrupted while it waits either takes its waiter out unserved, or has been served.

A closed channel has no waiters, but for values that were given back (see `visit`): they are received as buffered ones.
Whoever completes an operation for somebody who waits puts the result into that waiter and wakes its goroutine after
leaving the guard.

Happens-before: each slot of a buffer carries a clock that its sender and its receiver exchange, so the k-th send comes
before the k-th receive and the k-th receive before the send that uses the slot next. A rendezvous orders both ways.
"""

from __future__ import annotations

import sys
from types import GenericAlias
from typing import Any, NoReturn

from gofer._core import borrow, borrowed, goroutine, guard, reasons, scheduler
from gofer._core.borrow import Size
from gofer._core.errors import ClosedChannelError
from gofer._core.goroutine import Goroutine, Waiter, WaitQueue
from gofer._core.hooks import HOOKS
from gofer._core.uncopyable import Uncopyable


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
        self.capacity = capacity
        self.zero = zero
        self.is_closed = False
        self.ring = borrow.slots(capacity)
        self.head = 0
        self.count = 0
        self.receivers = goroutine.new_queue()
        self.senders = goroutine.new_queue()
        self.clocks: Any = None
        self.close_clock: Any = None

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
            HOOKS.tool.read(self, "close")
            clock = HOOKS.tool.snapshot()
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
        woken = []
        kept = []
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
                woken.append(w)
        while self.senders.head:
            w = self.senders.pop()
            if w is not None and w.kept:
                kept.append(w)
            elif w is not None:
                w.ok = False
                woken.append(w)
        for waiter in kept:
            w = waiter
            g: Goroutine = borrowed.goroutine(w.goroutine)
            g.arm()
            self.senders.push(w)
        guard.unlock(self.gate)
        for waiter in woken:
            w = waiter
            scheduler.ready(borrowed.goroutine(w.goroutine))
        return True

    def waits_to_receive(self) -> bool:
        """Whether somebody waits to receive."""
        return True if self.receivers.head else False

    @property
    def closed(self) -> bool:
        """Whether `close` has been called."""
        return self.is_closed

    @property
    def sender(self) -> Any:
        """The channel to send on only. Go: `chan<- T`."""
        return SendChan(self)

    @property
    def receiver(self) -> Any:
        """The channel to receive from only. Go: `<-chan T`."""
        return RecvChan(self)

    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        return GenericAlias(cls, item)

    def __len__(self) -> int:
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
    borrow.put(chan.ring, slot, value)
    chan.count += 1


def drain(chan: Chan) -> Any:
    """Takes the oldest buffered value."""
    value = borrow.take(chan.ring, chan.head)
    chan.head += 1
    if chan.head == chan.capacity:
        chan.head = 0
    chan.count -= 1
    return value


def swap_slot_clock(chan: Chan, slot: Size, clock: Any) -> Any:
    """Leaves `clock` with a slot of the buffer and returns what was there."""
    if chan.clocks is None:
        chan.clocks = [None] * chan.capacity
    before = chan.clocks[slot]
    chan.clocks[slot] = clock
    return before


def wait_to_send(chan: Chan, g: Goroutine, value: Any, clock: Any) -> None:
    """In the guard: waits until a receiver takes the value."""
    w: Waiter = g.own_waiter if g.own_waiter is not None else goroutine.own_waiter_of(g)
    w.value = value
    w.ok = False
    w.clock = clock
    guard.raise_flag(g.armed)
    chan.senders.push(w)
    guard.unlock(chan.gate)
    if scheduler.park(g, reasons.CHAN_SEND, borrow.of(chan)):
        withdraw(chan, chan.senders, w, g)
    if not w.ok:
        raise ClosedChannelError("send on closed channel")
    if clock is not None:
        HOOKS.tool.acquire(w.clock)


def receive(chan: Chan) -> Waiter:
    """Receives now or waits; the goroutine's waiter then has the value."""
    g: Goroutine = scheduler.current()
    if HOOKS.on:
        return traced_recv(chan, g)
    guard.lock(chan.gate)
    return wait_to_recv(chan, g, None)


def traced_recv(chan: Chan, g: Goroutine) -> Waiter:
    clock = HOOKS.tool.snapshot()
    guard.lock(chan.gate)
    w: Waiter = wait_to_recv(chan, g, clock)
    if w.clock is not None:
        HOOKS.tool.acquire(w.clock)
        w.clock = None
    return w


def wait_to_recv(chan: Chan, g: Goroutine, clock: Any) -> Waiter:
    """`receive`, in the guard."""
    w: Waiter = g.own_waiter if g.own_waiter is not None else goroutine.own_waiter_of(g)
    if poll(chan, w, clock):
        return w
    w.clock = clock
    guard.raise_flag(g.armed)
    chan.receivers.push(w)
    guard.unlock(chan.gate)
    if scheduler.park(g, reasons.CHAN_RECEIVE, borrow.of(chan)):
        withdraw(chan, chan.receivers, w, g)
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
            into.ok = True
            w.ok = True
            if clock is not None:
                into.clock = w.clock
                w.clock = clock
            guard.unlock(chan.gate)
            scheduler.ready(borrowed.goroutine(w.goroutine))
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
    scheduler.raise_pending(g)


class View:
    """What both views share: two views of one kind on one channel are equal."""

    __slots__ = ("__weakref__", "chan")

    def __init__(self, chan: Any) -> None:
        if not isinstance(chan, Chan):
            raise TypeError(f"{type(self).__name__}: a Chan is needed, not {type(chan).__name__}")
        self.chan = chan

    @property
    def capacity(self) -> int:
        """The channel's buffer size."""
        return self.chan.capacity

    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        return GenericAlias(cls, item)

    def __len__(self) -> int:
        return len(self.chan)

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.chan is self.chan

    def __hash__(self) -> int:
        return hash((type(self), id(self.chan)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.chan!r}>"

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> NoReturn:
        raise TypeError("a Chan must not be copied")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Chan must not be copied")


class SendChan(View):
    """A channel to send on only. Go: `chan<- T`."""

    __slots__ = ()

    def send(self, value: Any) -> None:
        """As `Chan.send`."""
        self.chan.send(value)

    def close(self) -> None:
        """As `Chan.close`."""
        self.chan.close()


class RecvChan(View):
    """A channel to receive from only. Go: `<-chan T`."""

    __slots__ = ()

    def recv(self) -> Any:
        """As `Chan.recv`."""
        return self.chan.recv()

    def recv_ok(self) -> tuple[Any, bool]:
        """As `Chan.recv_ok`."""
        return self.chan.recv_ok()

    def __iter__(self) -> Any:
        return iter(self.chan)
