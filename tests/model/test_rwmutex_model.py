"""An RWMutex against its rules: waiting writers keep readers out; who lets go lets in readers, then a writer."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis.stateful import initialize, invariant, precondition, rule

from gofer import FatalError, go
from gofer.sync import RWMutex
from tests.model.stepping import SETTINGS, OneWorker, settle


class RWMutexMachine(OneWorker):
    @initialize()
    def make(self) -> None:
        self.rw = RWMutex()
        self.writing = False
        self.readers = 0
        self.waiting_writers: deque[int] = deque()
        self.waiting_readers: deque[int] = deque()
        self.count = 0
        self.expected: list[set[int]] = []  # who got in, in this order; readers that were let in together, in any
        self.got: list[int] = []

    def number(self) -> int:
        self.count += 1
        return self.count

    @rule()
    def lock(self) -> None:
        n = self.number()

        def body() -> None:
            self.rw.lock()
            self.got.append(n)

        go(body)
        settle()
        if self.writing or self.readers:
            self.waiting_writers.append(n)
        else:
            self.writing = True
            self.expected.append({n})

    @rule()
    def rlock(self) -> None:
        n = self.number()

        def body() -> None:
            self.rw.reader.lock()
            self.got.append(n)

        go(body)
        settle()
        if self.writing or self.waiting_writers:
            self.waiting_readers.append(n)
        else:
            self.readers += 1
            self.expected.append({n})

    @rule()
    def try_lock(self) -> None:
        free = not self.writing and not self.readers
        assert self.rw.try_lock() == free
        self.writing = self.writing or free

    @rule()
    def try_rlock(self) -> None:
        free = not self.writing and not self.waiting_writers
        assert self.rw.try_rlock() == free
        self.readers += free

    @rule()
    def unlock(self) -> None:
        if not self.writing:
            with pytest.raises(FatalError, match="^sync: Unlock of unlocked RWMutex$"):
                self.rw.unlock()
            return
        self.rw.unlock()
        self.writing = False
        if self.waiting_readers:
            self.readers += len(self.waiting_readers)
            self.expected.append(set(self.waiting_readers))
            self.waiting_readers.clear()
        else:
            self.admit_writer()

    @rule()
    def runlock(self) -> None:
        if not self.readers:
            with pytest.raises(FatalError, match="^sync: RUnlock of unlocked RWMutex$"):
                self.rw.runlock()
            return
        self.rw.runlock()
        self.readers -= 1
        if not self.readers:
            self.admit_writer()

    def admit_writer(self) -> None:
        if self.waiting_writers:
            self.writing = True
            self.expected.append({self.waiting_writers.popleft()})

    @precondition(lambda self: not self.writing and not self.readers)
    @rule()
    def as_a_context_manager(self) -> None:
        with self.rw:
            assert not self.rw.try_rlock()
        with self.rw.reader, self.rw.reader:
            assert not self.rw.try_lock()

    @invariant()
    def agrees(self) -> None:
        settle()
        at = 0
        for together in self.expected:
            assert set(self.got[at : at + len(together)]) == together
            at += len(together)
        assert len(self.got) == at

    def teardown(self) -> None:
        while self.writing or self.readers:
            if self.writing:
                self.unlock()
            else:
                self.runlock()
            self.agrees()
        assert not self.waiting_writers
        assert not self.waiting_readers
        super().teardown()


TestRWMutex = RWMutexMachine.TestCase
TestRWMutex.settings = SETTINGS
