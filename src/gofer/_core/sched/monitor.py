"""The monitor: a thread that watches whether workers get on. Go: `sysmon`.

A worker that has run the same goroutine since the round before, `INTERVAL` ago, while others wait on it, is told to
the hooks as `hook(worker, seconds)`, in every round as long as that lasts, on the monitor's thread. A hook must be
brief and must not raise; what it may touch of the worker is its thread, flags and counters, not its other objects.
`worker.computed` is the processor time that the goroutine has used meanwhile, in seconds, since it was last seen to
wait in the system: a goroutine that waits in C has not computed, and what it waited for is its own when it goes on.

The thread is started with the second worker, by `start`, or where somebody asked for it with the first goroutine. It
looks less often after `QUIET_ROUNDS` in which nobody was kept waiting, so a program that waits for input outside of
gofer is as good as idle. It sleeps for good once all workers do: it
raises `sleeping`, looks at their flags once more, and waits for the bell; a worker whose flag is lowered is followed
by `nudge`. So an idle program uses no processor time, and no stall is missed.

`gate` protects the lists, which are replaced, never changed. `Watch` belongs to the monitor's thread alone.
"""

from __future__ import annotations

import os
import threading
from _thread import RLock, allocate_lock  # not the race detector's: they are made anew in the child of a fork
from contextlib import suppress
from typing import Any

from gofer._core.machine import borrow, clock, guard
from gofer._core.sched import threads
from gofer._core.sched.timers import TIMERS
from gofer._core.sched.worker import Worker

INTERVAL = 0.01
QUIET_ROUNDS = 50
LONGEST_INTERVAL = 0.08
BLOCKED_CPU = 0.0002  # in a round; a thread that waits for the GIL uses little more


class Watch:
    """What the monitor remembers of one worker."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.ticks = -1
        self.since = 0.0
        self.cpu_used = 0.0
        self.stalled = False


class Monitor:
    """`MONITOR` is the one instance. `blocked` is how many workers were stuck in the system in the last round."""

    def __init__(self) -> None:
        self.eager = False
        self.told = False
        self.reset()
        self.hooks: list[Any] = []

    def reset(self) -> None:
        """Nothing to watch and no thread: at import, and in the child of a fork."""
        global _starting, _rounds
        _starting = RLock()
        _rounds = RLock()
        self.gate = guard.make()
        self.watches: list[Watch] = []
        self.started = False
        self.wanted = self.eager
        self.sleeping = guard.flag(0)
        self.bell = allocate_lock()
        self.bell.acquire()
        self.blocked = 0

    def attach(self, hook: Any) -> None:
        """Has `hook(worker, seconds)` called for each worker that keeps others waiting; `start` starts the monitor."""
        guard.lock(self.gate)
        hooks = self.hooks
        guard.unlock(self.gate)
        more = [*hooks, hook]
        guard.lock(self.gate)
        self.hooks = more
        guard.unlock(self.gate)

    def detach(self, hook: Any) -> None:
        """The hook is called no more, once the round under way is over."""
        guard.lock(self.gate)
        hooks = self.hooks
        guard.unlock(self.gate)
        fewer = [other for other in hooks if other is not hook]
        guard.lock(self.gate)
        self.hooks = fewer
        guard.unlock(self.gate)

    def watch(self, worker: Worker) -> None:
        """Watches one more worker."""
        with _starting:
            before = self.watched()  # held until after the guard, so that it does not die in it
            more = [*before, Watch(worker)]
            guard.lock(self.gate)
            self.watches = more
            guard.unlock(self.gate)
        if len(more) > 1:
            self.start()
        self.nudge()

    def unwatch(self, worker: Worker) -> None:
        """Its thread is no worker any more."""
        with _starting:
            fewer = []
            before = self.watched()
            for each in before:
                watch: Watch = each
                if watch.worker is not worker:
                    fewer.append(watch)
            guard.lock(self.gate)
            self.watches = fewer
            guard.unlock(self.gate)

    def watched(self) -> list[Watch]:
        """The workers that are watched now."""
        guard.lock(self.gate)
        found = self.watches
        guard.unlock(self.gate)
        return found

    def start(self) -> None:
        """Starts the thread, once. Where there can be no more threads it says so, once, and goes on without; the next
        worker tries again.
        """
        with _starting:
            if self.started:
                return
            self.started = True
            self.wanted = False
        thread = threading.Thread(target=self.loop, name="gofer-monitor", daemon=True)
        thread.gofer_helper = True  # type: ignore[attr-defined]  # it wakes nobody who is deadlocked
        try:
            threads.start(thread)
        except RuntimeError as error:
            self.started = False
            if not self.told and not threads.is_late(error):
                self.told = True
                say(f"{error}: goroutines that compute are not preempted")

    def close(self) -> None:
        """The program is over: waits for the round under way, and there is no other one."""
        _rounds.acquire()

    def start_with_goroutines(self) -> None:
        """Has the first goroutine start the thread: `wanted` is true until then."""
        self.eager = True
        self.wanted = not self.started

    def nudge(self) -> None:
        """A worker has work again."""
        if guard.seen(self.sleeping) and guard.take(self.sleeping):
            self.bell.release()

    def loop(self) -> None:
        """The life of the thread."""
        quiet = 0
        interval = INTERVAL
        while True:
            if self.all_asleep():
                guard.raise_flag(self.sleeping)
                if self.all_asleep() or not guard.take(self.sleeping):
                    self.bell.acquire()
            self.bell.acquire(True, interval)
            with _rounds:
                quiet = 0 if self.check(clock.monotonic()) else quiet + 1
            interval = INTERVAL if quiet < QUIET_ROUNDS else min(2.0 * interval, LONGEST_INTERVAL)

    def all_asleep(self) -> bool:
        """True if no worker can be stalled."""
        for each in self.watched():
            watch: Watch = each
            worker: Worker = watch.worker
            if not guard.seen(worker.sleeping):
                return False
        return True

    def check(self, now: float) -> bool:
        """One round; whether any worker keeps others waiting."""
        blocked = 0
        kept_waiting = False
        for each in self.watched():
            watch: Watch = each
            worker: Worker = watch.worker
            busy = self.look(watch, now)
            waits = self.count_time(watch, busy)
            if not busy:
                continue
            if waits and watch.stalled:
                blocked += 1
            watch.stalled = True
            self.blocked = max(blocked, self.blocked)
            if worker.has_runnable() or TIMERS.earliest <= TIMERS.now():
                kept_waiting = True
                self.tell(worker, busy)
        self.blocked = blocked
        return kept_waiting

    def look(self, watch: Watch, now: float) -> float:
        """For how long the worker has run the same goroutine; 0.0: not since the last round."""
        worker: Worker = watch.worker
        ticks = worker.ticks
        if ticks == watch.ticks and worker.current and not guard.seen(worker.sleeping):
            return max(now - watch.since, INTERVAL)
        watch.ticks = ticks
        watch.since = now
        watch.stalled = False
        return 0.0

    def count_time(self, watch: Watch, busy: float) -> bool:
        """Adds up the processor time of a goroutine that has run for the whole round; whether it waits in C instead."""
        worker: Worker = watch.worker
        cpu = threads.processor_time(worker.cpu_clock)
        used = cpu - watch.cpu_used
        watch.cpu_used = cpu
        if not busy:
            worker.computed = 0.0
            return False
        if used < BLOCKED_CPU and threads.waits_in_system(worker.thread):
            worker.computed = 0.0
            return True
        worker.computed += busy if cpu == threads.UNKNOWN else used
        return False

    def tell(self, worker: Worker, busy: float) -> None:
        guard.lock(self.gate)
        hooks = self.hooks
        guard.unlock(self.gate)
        for hook in hooks:
            hook(worker, busy)


def say(what: str) -> None:
    """Tells the user, unless nobody reads stderr; at once, and from any thread."""
    with suppress(OSError):
        os.write(2, f"gofer: {what}\n".encode())


_starting = RLock()
_rounds = RLock()  # in a round other threads are stopped: see `threads`
MONITOR = Monitor()
borrow.hold(MONITOR)
