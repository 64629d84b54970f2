"""Channels whose users are interrupted while they wait, or when they have just been served; whose values have
destructors that use gofer; and in a process that forks meanwhile. Checked against a model of two queues.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from gofer import DEFAULT, Chan, go, recv, select, send
from gofer._core.sched import scheduler
from gofer.sync import Mutex
from tests.model.stepping import SETTINGS, OneWorker, settle

READY = 64  # room for what is noted between two rules


class Stop(Exception):
    """What interrupts a goroutine."""


class Noted:
    """Where destructors leave what has died; they lock, send and start goroutines for that."""

    def __init__(self) -> None:
        self.mutex = Mutex()
        self.died: list[int] = []
        self.told: Chan[int] = Chan(READY)
        self.started: list[int] = []

    def note(self, number: int) -> None:
        with self.mutex:
            self.died.append(number)
        select(send(self.told, number), default=True)
        go(self.started.append, number)


class Value:
    """One that is sent."""

    def __init__(self, number: int, noted: Noted) -> None:
        self.number = number
        self.noted = noted

    def __del__(self) -> None:
        self.noted.note(self.number)


@dataclass(eq=False)
class User:
    """A goroutine that has one operation to do, and waits afterwards until it is interrupted or let go."""

    sends: int | None
    goroutine: Any = None
    outcome: list[Any] = field(default_factory=list)
    later: list[Any] = field(default_factory=list)
    rest: Chan[None] = field(default_factory=Chan)


class Disturbed(OneWorker):
    """`buffered`, `senders` and `receivers` are what the channel must have; `dead` the values nobody has any more."""

    @initialize(capacity=st.integers(0, 2))
    def begin(self, capacity: int) -> None:
        self.capacity = capacity
        self.chan: Chan[Value] = Chan(capacity)
        self.other: Chan[Value] = Chan()
        self.noted = Noted()
        self.buffered: list[int] = []
        self.senders: list[User] = []
        self.receivers: list[User] = []
        self.users: list[User] = []
        self.dead: list[int] = []
        self.count = 0

    def start(self, user: User, operation: Callable[[], Any]) -> None:
        def life() -> None:
            user.goroutine = scheduler.current()
            try:
                user.outcome.append(operation())
            except Stop as error:
                user.outcome.append(type(error))
                return
            try:
                user.rest.recv()
            except Stop as error:
                user.later.append(type(error))

        self.users.append(user)
        go(life)
        settle()

    def next_number(self) -> int:
        self.count += 1
        return self.count

    @rule(selects=st.booleans())
    def sends(self, selects: bool) -> None:
        number = self.next_number()
        user = User(number)

        def operation() -> None:
            if selects:
                select(recv(self.other), send(self.chan, Value(number, self.noted)))
            else:
                self.chan.send(Value(number, self.noted))

        self.start(user, operation)
        if self.receivers:
            first = self.receivers.pop(0)
            assert (first.outcome, user.outcome) == ([number], [None])
            self.dead.append(number)
        elif len(self.buffered) < self.capacity:
            self.buffered.append(number)
            assert user.outcome == [None]
        else:
            self.senders.append(user)
            assert user.outcome == []

    @rule(selects=st.booleans())
    def receives(self, selects: bool) -> None:
        user = User(None)

        def operation() -> int:
            if selects:
                _, value, ok = select(recv(self.chan), recv(self.other))
                assert ok
                number: int = value.number
                return number
            return self.chan.recv().number

        self.start(user, operation)
        number = self.take()
        if number is None:
            self.receivers.append(user)
            assert user.outcome == []
        else:
            assert user.outcome == [number]
            self.dead.append(number)

    def take(self) -> int | None:
        """What the next receive gets, in the model; the sender that waits longest goes on."""
        if self.buffered:
            number = self.buffered.pop(0)
            if self.senders:
                sender = self.senders.pop(0)
                assert sender.sends is not None
                self.buffered.append(sender.sends)
            return number
        if self.senders:
            return self.senders.pop(0).sends
        return None

    @precondition(lambda self: self.senders or self.receivers)
    @rule(data=st.data())
    def interrupts_who_waits(self, data: st.DataObject) -> None:
        waiting = self.senders or self.receivers
        user = waiting.pop(data.draw(st.integers(0, len(waiting) - 1)))
        scheduler.interrupt(user.goroutine, Stop())
        settle()
        assert user.outcome == [Stop]
        if user.sends is not None:
            self.dead.append(user.sends)

    @precondition(lambda self: self.receivers)
    @rule()
    def interrupts_a_receiver_that_has_been_served(self) -> None:
        """What it was given goes to the next, or to the channel's buffer."""
        number = self.next_number()
        first = self.receivers.pop(0)
        self.chan.send(Value(number, self.noted))
        scheduler.interrupt(first.goroutine, Stop())
        settle()
        assert first.outcome == [Stop]
        if self.receivers:
            assert self.receivers.pop(0).outcome == [number]
        else:
            index, value, ok = select(recv(self.chan), default=True)
            assert (index, value and value.number, ok) == (0, number, True)
            del value
        self.dead.append(number)

    @precondition(lambda self: self.senders)
    @rule()
    def interrupts_a_sender_that_has_been_served(self) -> None:
        """Its send is complete, and it is interrupted where it waits next."""
        first = self.senders[0]
        expected = self.take()
        value = self.chan.recv()
        scheduler.interrupt(first.goroutine, Stop())
        assert value.number == expected
        del value
        settle()
        assert (first.outcome, first.later) == ([None], [Stop])
        assert expected is not None
        self.dead.append(expected)

    @precondition(lambda self: hasattr(os, "fork"))
    @rule()
    def forks(self) -> None:
        """The child has the channel's values, and gofer; the parent's goroutines are not there."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            try:
                found = [self.chan.recv().number for _ in self.buffered[: self.capacity]]
                answers: Chan[int] = Chan()
                go(answers.send, sum(found))
                os._exit(0 if answers.recv() == sum(self.buffered) else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    @invariant()
    def what_has_died_has_been_told(self) -> None:
        if not hasattr(self, "noted"):
            return
        settle()
        assert sorted(self.noted.died) == sorted(self.dead)
        assert sorted(self.noted.started) == sorted(self.dead)
        told = []
        while (found := select(recv(self.noted.told), default=True)).index != DEFAULT:
            told.append(found.value)
        assert set(told) <= set(self.dead)
        assert len(self.chan) == len(self.buffered)
        assert all(user.outcome == [] for user in (*self.senders, *self.receivers))

    def teardown(self) -> None:
        for user in self.users if hasattr(self, "users") else ():
            if user.goroutine is not None and not user.later and Stop not in user.outcome:
                scheduler.interrupt(user.goroutine, Stop())
        settle()
        super().teardown()


TestDisturbed = pytest.mark.filterwarnings("ignore::DeprecationWarning")(Disturbed.TestCase)
TestDisturbed.settings = settings(SETTINGS, max_examples=25)  # forks take their time
