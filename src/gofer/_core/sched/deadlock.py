"""Deadlocks: whether anything can still wake a goroutine, asked by the worker that is the last to go to sleep.

Nobody asks twice without a reason: who takes away what could have woken a goroutine (a timer that is stopped, a signal
that is not wanted any more) calls `wakeup.look_again`. While a foreign thread is all there is, one helper waits for
its end, and threads that block in gofer call `wakeup.thread_rests`; so a program that waits uses no processor time.
"""

from __future__ import annotations

import threading
from typing import Any

from gofer._core.machine import bell, clock, guard, reasons
from gofer._core.machine.errors import DeadlockError
from gofer._core.sched import handlers, interrupts, mail, scheduler, threads, wakeup
from gofer._core.sched.goroutine import Goroutine
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.timers import NEVER
from gofer._core.sched.worker import Worker

PAUSE = 0.05  # where threads wait and wake all the time, who counts on them looks only as often


class Lookout:
    """`asked`: when a worker has last counted on a foreign thread; `awaited`: the threads whose end is waited for."""

    def __init__(self) -> None:
        self.asked = -PAUSE
        self.awaited: set[int] = set()


def settle(worker: Worker) -> float:
    """All workers are idle and nothing of gofer's will wake one: for how many seconds the caller may sleep. 0.0: it is
    a deadlock and the main goroutine has been told, or somebody must look again.
    """
    main: Goroutine | None = RUNTIME.main_goroutine()
    if main is None:
        return NEVER  # nobody could be told
    if RUNTIME.foreign_thread() is not None:
        return count_on_threads()
    workers = RUNTIME.all_workers()
    for each in workers:
        other: Worker = each
        if not guard.seen(other.sleeping):
            return NEVER  # it has woken by itself, may have been given work since, and will be the last one then
    for member in RUNTIME.goroutines():
        waiting: Goroutine = member
        if waiting.reason == reasons.FUTURE:
            return NEVER  # who completes a future need not be a thread that Python knows
    if guard.read(RUNTIME.idle) < len(workers):
        return NEVER  # a thread that has ended meanwhile had rung somebody before
    if handlers.may_wake() or leave_to_main_thread(worker):
        return NEVER
    if hears_of_signals(worker):
        return 0.0
    if not main.claim():
        return NEVER  # it runs, or somebody has woken it; or another idle worker has come here first
    try:
        error: Any = mail.take_exit() or deadlock_error(main)
    except BaseException as failure:
        error = failure  # Ctrl-C, while the dump is made
    mail.post(main, error)
    main.torn = True
    scheduler.ready(main)
    return 0.0


def leave_to_main_thread(worker: Worker) -> bool:
    """Only the main thread can tell whether a signal has come; where it is another worker's, that one is woken and says
    it.
    """
    for each in RUNTIME.all_workers():
        other: Worker = each
        if other is not worker and other.thread is threading.main_thread():
            wakeup.ring(other)
            return True
    return False


def hears_of_signals(worker: Worker) -> bool:
    """True if one has come that has not been dealt with, or the worker has been rung."""
    return worker.thread is threading.main_thread() and (bell.hear(worker.bell, 0.0) == 1 or bool(interrupts.DEFERRED))


def count_on_threads() -> float:
    """A foreign thread is alive: has somebody ring when it may be the last one no more."""
    now = clock.monotonic()
    if now - LOOKOUT.asked < PAUSE:
        return PAUSE
    LOOKOUT.asked = now
    guard.raise_flag(RUNTIME.counts_on_thread)
    guard.fence()
    thread = RUNTIME.foreign_thread()
    if thread is None:
        return 0.0
    if id(thread) in LOOKOUT.awaited or isinstance(thread, threading._DummyThread):
        return NEVER  # the end of one that Python has not started cannot be waited for
    if not thread.is_alive():
        return PAUSE  # it is being started, or has just ended
    helper = threading.Thread(target=outlast, args=(thread,), name="gofer-lookout", daemon=True)
    helper.gofer_helper = True  # type: ignore[attr-defined]  # it wakes nobody who is deadlocked
    try:
        threads.start(helper)
    except RuntimeError:
        return PAUSE  # there can be no more threads
    LOOKOUT.awaited.add(id(thread))
    return NEVER


def outlast(thread: Any) -> None:
    """The life of a helper."""
    thread.join()
    LOOKOUT.awaited.discard(id(thread))
    wakeup.thread_rests()


def deadlock_error(main: Goroutine) -> DeadlockError:
    """What the main goroutine is told, with a dump of all."""
    dump = RUNTIME.on_event("deadlock", None)
    if main.reason == reasons.DEAD:
        return DeadlockError("no goroutines (main called runtime.Goexit) - deadlock!", dump)
    return DeadlockError(goroutines=dump)


LOOKOUT = Lookout()
