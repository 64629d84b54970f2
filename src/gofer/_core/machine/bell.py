"""The bell of a worker that sleeps: rung by anybody, heard by its worker.

`bell.pxd` and `bell.h` have what the compiled core uses, this module the same names for the uncompiled one.

A worker's own thread sleeps on a semaphore. The main thread must hear signals too, and a semaphore does not tell it of
one that comes in the instant before it blocks, or that the system gives to another thread; so it sleeps on a pipe, into
which whoever rings writes a byte, and Python for as long as it sleeps the number of every signal (`set_wakeup_fd`).
What others had set there (asyncio does) is put back, and given the signals that came meanwhile.

Rejected: to wake every second and look (signals came late, and an idle program was never quite idle); Python's own
lock, which on free-threaded builds first yields its processor up to 40 times: on a busy machine each time costs the
time slice of everybody else, and a message between two workers took 400 us.
"""

from __future__ import annotations

import os
import select
import signal
from _thread import allocate_lock

from gofer._core.machine import guard

_LONGEST = 1e6  # seconds


class Bell:
    """`rung` has an element for who has rung and has not been heard."""

    __slots__ = ("hears_signals", "lock", "reads", "rung", "writes")

    def __init__(self, hears_signals: bool) -> None:
        self.hears_signals = hears_signals
        if hears_signals:
            self.rung: list[bool] = []
            self.reads, self.writes = os.pipe()
            os.set_blocking(self.reads, False)
            os.set_blocking(self.writes, False)
        else:
            self.lock = allocate_lock()
            self.lock.acquire()


def hang(hears_signals: bool) -> Bell:
    """A new bell; that of the main thread hears signals. Raises OSError where there can be no more files."""
    return Bell(hears_signals)


def ring(bell: Bell) -> None:
    """Wakes who waits or is about to; only for who has taken the worker's flag."""
    if bell.hears_signals:
        bell.rung.append(True)
        os.write(bell.writes, b"\0")
    else:
        bell.lock.release()


def hear(bell: Bell, seconds: float) -> bool:
    """Waits until it is rung; false: the time is up, or a signal has come."""
    if not bell.hears_signals:
        return bell.lock.acquire(True, min(max(seconds, 0.0), _LONGEST))
    before = signal.set_wakeup_fd(bell.writes, warn_on_full_buffer=False)
    try:
        poll = select.poll()
        poll.register(bell.reads, select.POLLIN)
        guard.listen(True)
        poll.poll(min(max(seconds, 0.0), _LONGEST) * 1000.0)
    finally:
        guard.listen(False)
        signal.set_wakeup_fd(before)
        _drain(bell, before)
    return bool(bell.rung) and bell.rung.pop()


def _drain(bell: Bell, before: int) -> None:
    try:
        signals = os.read(bell.reads, 4096).replace(b"\0", b"")
    except BlockingIOError:
        return
    if before >= 0 and signals:
        os.write(before, signals)


def expect(bell: Bell) -> None:
    """Waits for who has taken the flag and rings in a moment. The main thread does not: its bell may be rung twice, and
    a ring that is heard late only has it look for work once more.
    """
    if not bell.hears_signals:
        bell.lock.acquire()


def after_fork(bell: Bell) -> None:
    """In the child: a bell of the parent's, which its signals must not ring."""
    if bell.hears_signals:
        before = signal.set_wakeup_fd(-1)
        if before != bell.writes:
            signal.set_wakeup_fd(before)
        os.close(bell.reads)
        os.close(bell.writes)
