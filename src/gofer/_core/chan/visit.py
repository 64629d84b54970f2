"""A visit: an operation on a channel by somebody who must not wait here, such as an asyncio task.

The visitor's stand-in goroutine waits in the channel's queue like any other, so one party claims it and no other: who
completes the operation (then `notify` is called, on that one's stack) or `withdraw`. While it is in the queue the visit
holds itself.

A receive that was completed but whose visitor was cancelled before it could take the value gives the value back
(`give_back`): to the first who waits to receive, else to the front of the channel. In a buffer that is full, or none,
there is no room: the newest value (or the one) then waits among the senders, before all others, in a `Returned`. A
close leaves those where they are: a closed channel is drained of them as of its buffer.
"""

from __future__ import annotations

from typing import Any

from gofer._core.chan import chan as channels
from gofer._core.chan.chan import Chan
from gofer._core.machine import borrow, guard
from gofer._core.machine.errors import ClosedChannelError
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import goroutine, wakeup
from gofer._core.sched.goroutine import Waiter


class Visit:
    """One operation: `begin`, and unless that is all, `notify` or `withdraw`, then `finish` or `give_back`."""

    def __init__(self, chan: Any, sends: bool, value: Any, notify: Any) -> None:
        self.chan = chan
        self.sends = sends
        self.g = goroutine.new_goroutine()
        self.g.on_ready = self
        self.w = goroutine.new_waiter(self.g)
        self.w.value = value
        self.clock: Any = None
        self.notify = notify
        self.unspent = guard.flag(1)

    def begin(self) -> bool:
        """Performs it if that is possible now; false: it waits, and `notify` will be called once."""
        chan: Chan = self.chan
        w: Waiter = self.w
        if HOOKS.on:
            if self.sends:
                HOOKS.tool.read(chan, "close")
            self.clock = HOOKS.tool.snapshot()
            channels.prepare_clocks(chan)
        if chan.timed:
            chan.prepare()
        guard.lock(chan.gate)
        if self.sends:
            if chan.is_closed:
                guard.unlock(chan.gate)
                self.forget()
                w.value = None
                raise ClosedChannelError("send on closed channel")
            if channels.offer(chan, w.value, self.clock):
                w.ok = True
                w.value = None
                self.forget()
                return True
        elif channels.poll(chan, w, self.clock):
            self.forget()
            return True
        w.clock = self.clock
        self.g.arm()
        borrow.hold(self)
        if self.sends:
            chan.senders.push(w)
        else:
            chan.receivers.push(w)
        guard.unlock(chan.gate)
        if chan.timed:
            chan.watch()
        return False

    def __call__(self) -> None:
        """It has been completed."""
        notify = self.notify
        self.forget()
        borrow.drop(self)
        notify()

    def forget(self) -> None:
        """Nobody will be notified any more; breaks the cycles."""
        self.g.on_ready = None
        self.notify = None

    def withdraw(self) -> bool:
        """It waits no more; false where it has been completed: then `notify` has been called, or is about to be."""
        chan: Chan = self.chan
        if not self.g.claim():
            guard.lock(chan.gate)  # whoever has claimed it has left the result when he has left the guard
            guard.unlock(chan.gate)
            return False
        guard.lock(chan.gate)
        if self.sends:
            chan.senders.remove(self.w)
        else:
            chan.receivers.remove(self.w)
        guard.unlock(chan.gate)
        self.w.value = None
        if chan.timed:
            chan.watch()
            wakeup.look_again()  # it may have been all that could wake a goroutine
        self.forget()
        borrow.drop(self)
        return True

    def finish(self) -> Any:
        """What was received, and whether from an open channel; raises what a send raises."""
        guard.take(self.unspent)
        value = self.w.value
        self.w.value = None
        if self.sends and not self.w.ok:
            raise ClosedChannelError("send on closed channel")
        if self.clock is not None and self.w.clock is not None:
            HOOKS.tool.acquire(self.w.clock)
        return value, self.w.ok

    def give_back(self) -> None:
        """After a receive that nobody will `finish`: the value goes back, at most once. A send stays sent."""
        if self.sends or not self.w.ok or not guard.take(self.unspent):
            return
        value = self.w.value
        self.w.value = None
        channels.put_back(self.chan, value, self.w.clock)
