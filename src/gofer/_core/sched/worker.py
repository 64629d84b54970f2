"""A worker: one thread's run queues and idle carriers.

The run queue has two lanes. Goroutines that have started are pinned to their worker (a greenlet cannot move between
threads): they wait in the local lane, which the worker alone touches. Goroutines that have not started wait in the
fresh lane, which others may steal from, under `gate`. Tickets keep the order between the lanes, so together they are
one queue, first come first served. Wake-ups that come from other threads are posted under `gate` and collected by
the worker before it picks. One lane for all, under the guard, cost every wake-up a lock on free-threaded builds.

With a seed there is an order of its own: `pick` draws from all that are runnable.

What is stolen. Goroutines that talk to each other are cheapest on one worker, so a new one is left to the worker that
started it, unless that does not come to it: `is_overdue` is asked by an idle worker, twice within `PATIENCE`. Rejected:
to steal at once (a pair that is torn apart stays so, and pays a hand-over between threads for each message); to steal
after a fixed wait (a burst of goroutines that wait soon, a pipeline, is scattered although its worker gets through it).

A closed worker belongs to the goroutines that have locked themselves to its thread (`runtime.lock_os_thread`): it
starts none that is new, and others take what is in its fresh lane at once. Where such a goroutine has ended it is
`leaving`: it stays closed, and its thread ends with the last goroutine on it, unless the worker is a main goroutine's
or `permanent`.

Lock order: a synchronisation object's guard, then a worker's. Nothing is called under a worker's guard.
"""

from __future__ import annotations

import threading
from typing import Any

from gofer._core.machine import bell, borrow, guard
from gofer._core.sched import borrowed, goroutine, threads
from gofer._core.sched.choice import CHOICE
from gofer._core.sched.goroutine import Carrier, Goroutine, Mailbox
from gofer._core.sched.registry import Registry

PATIENCE = 200e-6  # for how long an idle worker watches what another one gets done, before it takes anything
BACKLOG = 1e-3  # at the rate seen, what waits will wait longer than this: too long
STALE = 4 * PATIENCE
STOLEN_AT_MOST = 1024
SATED = 10e-3  # for how long who has seen a pool wait leaves the rest of it to the worker that started it
SHORTEST_SPIN = 2_000  # ns
LONGEST_SPIN = 50_000


class Worker:
    """The record of one worker; `scheduler` has what it does."""

    def __init__(self, index: int, thread: Any, chosen: bool) -> None:
        self.index = index
        self.hub: Any = None
        self.thread = thread
        self.thread_state = borrow.NOTHING
        self.registry = Registry()
        self.main: Any = None
        self.hub_goroutine = goroutine.new_goroutine()
        self.hub_goroutine.mailbox = Mailbox()
        self.current = borrow.NOTHING
        self.idle = borrow.NOTHING
        self.idle_count = 0
        self.carrier_ended = False
        self.gate = guard.make()
        self.fresh_head = borrow.NOTHING
        self.fresh_tail = borrow.NOTHING
        self.fresh_count = 0
        self.local_head = borrow.NOTHING
        self.local_tail = borrow.NOTHING
        self.posted_head = borrow.NOTHING
        self.posted_tail = borrow.NOTHING
        self.ticket = 0
        self.ticks = 0
        self.look_at = 0
        self.overrun = -1
        self.now = 0.0
        self.sleeping = guard.flag(0)
        self.bell = bell.hang(thread is threading.main_thread())
        self.chosen = chosen
        self.drawn: list[Goroutine] = []
        self.seen_ticks = -1
        self.seen_first = borrow.NOTHING
        self.seen_at = 0.0
        self.ident = 0
        self.cpu_clock = threads.UNKNOWN
        self.overdue = False
        self.pool_site = borrow.mark(borrow.NOTHING)
        self.pool_lasti = -1
        self.pool_seen = 0.0
        self.saw_young = False
        self.turned_away = False
        self.seeks = False
        self.keeps_time = False
        self.idled = 0
        self.patience = LONGEST_SPIN
        self.locks = 0
        self.closed = False
        self.leaving = False
        self.permanent = False
        self.paused = False
        self.started = 0
        self.computed = 0.0

    def push(self, g: Goroutine) -> None:
        """Makes a started goroutine of this worker runnable; called on its thread."""
        g.next = borrow.NOTHING
        g.ticket = self.ticket
        self.ticket += 1
        if self.local_tail:
            last: Goroutine = borrowed.goroutine(self.local_tail)
            last.next = borrow.of(g)
        else:
            self.local_head = borrow.of(g)
        self.local_tail = borrow.of(g)

    def push_fresh(self, g: Goroutine) -> None:
        """Makes a new goroutine runnable; from any thread."""
        g.next = borrow.NOTHING
        guard.lock(self.gate)
        g.ticket = self.ticket
        if self.fresh_tail:
            last: Goroutine = borrowed.goroutine(self.fresh_tail)
            last.next = borrow.of(g)
        else:
            self.fresh_head = borrow.of(g)
        self.fresh_tail = borrow.of(g)
        self.fresh_count += 1
        guard.unlock(self.gate)

    def post(self, g: Goroutine) -> None:
        """Makes a started goroutine of this worker runnable; from another thread."""
        g.next = borrow.NOTHING
        guard.lock(self.gate)
        if self.posted_tail:
            last: Goroutine = borrowed.goroutine(self.posted_tail)
            last.next = borrow.of(g)
        else:
            self.posted_head = borrow.of(g)
        self.posted_tail = borrow.of(g)
        guard.unlock(self.gate)

    def collect(self) -> None:
        """Moves what was posted to the local lane."""
        guard.lock(self.gate)
        at = self.posted_head
        self.posted_head = borrow.NOTHING
        self.posted_tail = borrow.NOTHING
        guard.unlock(self.gate)
        while at:
            g: Goroutine = borrowed.goroutine(at)
            at = g.next
            self.push(g)

    def pick(self) -> bool:
        """Sets `current` to the next goroutine to run; false, and none, where nothing is runnable."""
        self.ticks += 1
        if self.posted_head:
            self.collect()
        if self.chosen:
            return self.draw()
        if self.fresh_count and not self.closed and self.pick_fresh():
            return True
        if self.local_head:
            self.pick_local()
            return True
        self.current = borrow.NOTHING
        return False

    def pick_fresh(self) -> bool:
        """Takes the first of the fresh lane unless the local lane's first has waited longer."""
        picked = False
        guard.lock(self.gate)
        if self.fresh_head:
            g: Goroutine = borrowed.goroutine(self.fresh_head)
            picked = True
            if self.local_head:
                started: Goroutine = borrowed.goroutine(self.local_head)
                picked = g.ticket <= started.ticket
            if picked:
                self.current = self.fresh_head
                self.fresh_head = g.next
                self.fresh_count -= 1
                if not g.next:
                    self.fresh_tail = borrow.NOTHING
                    self.overdue = False
        guard.unlock(self.gate)
        return picked

    def pick_local(self) -> None:
        g: Goroutine = borrowed.goroutine(self.local_head)
        self.current = self.local_head
        self.local_head = g.next
        if not g.next:
            self.local_tail = borrow.NOTHING

    def draw(self) -> bool:
        """The one of all that are runnable which is chosen."""
        while self.fresh_count and self.pick_fresh():
            self.drawn.append(borrow.get(self.current))
        while self.local_head:
            self.pick_local()
            self.drawn.append(borrow.get(self.current))
            while self.fresh_count and self.pick_fresh():
                self.drawn.append(borrow.get(self.current))
        self.current = borrow.NOTHING
        count = len(self.drawn)
        if not count:
            return False
        index = CHOICE.runnable(count)
        g: Goroutine = self.drawn[index]
        self.drawn[index] = self.drawn[count - 1]
        self.drawn.pop()
        self.current = borrow.of(g)
        return True

    def has_runnable(self) -> bool:
        """True if a goroutine waits for this worker's thread; from any thread, a moment old."""
        if self.local_head or self.posted_head:
            return True
        return self.fresh_count > 0

    def has_fresh(self) -> bool:
        """True if there is something to steal."""
        return self.fresh_count > 0

    def is_overdue(self, now: float) -> bool:
        """True if what is in the fresh lane waits too long. Asked by others; the notes are hints."""
        if self.overdue or self.closed:
            return True
        elapsed = now - self.seen_at
        if elapsed < PATIENCE:
            return False
        ran = self.ticks - self.seen_ticks
        first = borrow.mark(self.fresh_head)
        if not ran and first == self.seen_first:
            return True
        self.seen_ticks += ran
        self.seen_first = first
        self.seen_at = now
        return ran > 0 and elapsed < STALE and self.fresh_count * elapsed > ran * BACKLOG

    def notice_pool(self, g: Goroutine, now: float) -> None:
        """Of the goroutines that one `go` statement starts several wait here for the same, `g` among them."""
        self.pool_site = borrow.mark(borrow.of(g.created_code))
        self.pool_lasti = g.created_lasti
        self.pool_seen = now

    def leaves_pool_to(self, victim: Worker, now: float) -> bool:
        """True if what `victim` has not started is more of the pool that waits here: more of it would wait here too."""
        if victim.closed or now - self.pool_seen > SATED:
            return False
        same = False
        guard.lock(victim.gate)
        if victim.fresh_head:
            first: Goroutine = borrowed.goroutine(victim.fresh_head)
            same = first.created_lasti == self.pool_lasti
            same = same and borrow.mark(borrow.of(first.created_code)) == self.pool_site
        guard.unlock(victim.gate)
        return same

    def steal_into(self, thief: Worker) -> bool:
        """Gives the older half of the fresh lane to `thief`: the first as its current one, the others to its lane."""
        guard.lock(self.gate)
        found = self.fresh_head
        last = found
        count = min((self.fresh_count + 1) // 2, STOLEN_AT_MOST)
        if found:
            for _ in range(count - 1):
                passed: Goroutine = borrowed.goroutine(last)
                last = passed.next
            final: Goroutine = borrowed.goroutine(last)
            self.fresh_head = final.next
            self.fresh_count -= count
            if not final.next:
                self.fresh_tail = borrow.NOTHING
            final.next = borrow.NOTHING
        guard.unlock(self.gate)
        if not found:
            return False
        first: Goroutine = borrowed.goroutine(found)
        at = first.next
        thief.current = found
        thief.overdue = count > 1
        while at:
            g: Goroutine = borrowed.goroutine(at)
            at = g.next
            thief.push_fresh(g)
        return True

    def lend_to(self, other: Worker) -> None:
        """Gives all that has not started to another worker."""
        while self.fresh_count:
            self.lend_one(other)

    def share_with(self, other: Worker) -> None:
        """Gives the older half of what has not started to another worker."""
        for _ in range((self.fresh_count + 1) // 2):
            self.lend_one(other)

    def lend_one(self, other: Worker) -> None:
        """Gives the oldest of what has not started, if there is any."""
        found = borrow.NOTHING
        guard.lock(self.gate)
        if self.fresh_head:
            found = self.fresh_head
            g: Goroutine = borrowed.goroutine(found)
            self.fresh_head = g.next
            self.fresh_count -= 1
            if not g.next:
                self.fresh_tail = borrow.NOTHING
        guard.unlock(self.gate)
        if found:
            other.push_fresh(borrow.get(found))

    def rest(self, carrier: Carrier) -> None:
        """Puts a carrier without a goroutine aside."""
        carrier.next = self.idle
        self.idle = borrow.of(carrier)
        self.idle_count += 1

    def forget(self) -> None:
        """Drops what has started and is runnable: it has been abandoned. Called on the worker's thread."""
        self.collect()
        self.local_head = borrow.NOTHING
        self.local_tail = borrow.NOTHING
        self.drawn = []

    def forget_fresh(self) -> None:
        """Drops what has not started; from any thread."""
        guard.lock(self.gate)
        self.fresh_head = borrow.NOTHING
        self.fresh_tail = borrow.NOTHING
        self.fresh_count = 0
        guard.unlock(self.gate)
