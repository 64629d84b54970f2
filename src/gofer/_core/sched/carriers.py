"""Carriers: what a goroutine runs on, and how it ends.

A carrier is a greenlet of one worker. It runs a new goroutine to its end, then the next new one, without any switch;
where there is none it rests among the worker's idle carriers. Only the hub makes carriers: a greenlet inherits the
recursion depth of the stack that it is started on.

What a goroutine held may have destructors, which are anybody's code: they lock, wait, start goroutines. So all of it
dies while the goroutine is still alive and the current one: what it returned or raised, its function and arguments, in
its context; then the context. Only after that it has ended, and what is left is a record to which nothing foreign
belongs.
"""

from __future__ import annotations

from typing import Any

from gofer._core.machine import borrow, guard, reasons, switch
from gofer._core.machine.borrow import Size
from gofer._core.machine.errors import Goexit
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import belongings, borrowed, interrupts, owner, scheduler
from gofer._core.sched.goroutine import Carrier, Goroutine
from gofer._core.sched.registry import Registry
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.worker import Worker

IDLE_CARRIERS_KEPT = 1024


class Body:
    """What a carrier's greenlet calls. (A `partial` of a function took more C stack of each goroutine that waits.)"""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = borrow.of(carrier)

    def __call__(self) -> None:
        """Runs the worker's current goroutine, then the next new one, until there is none."""
        carrier: Carrier = borrowed.carrier(self.carrier)
        worker: Worker = owner.worker(carrier.worker)
        switch.begin_frames()
        carrier.frames = switch.frames(worker.thread_state)
        while True:
            if run_current(worker, carrier):
                continue
            if worker.idle_count >= IDLE_CARRIERS_KEPT:
                worker.carrier_ended = True  # the hub, whose greenlet is the parent, goes on with whoever is next
                break
            worker.rest(carrier)
            target = scheduler.next_target(worker)
            if target != borrow.of(carrier.greenlet):
                came = switch.to(target)
                if came or scheduler.is_started(worker.current):
                    scheduler.send_back(worker, came)
            if not worker.current:
                break  # the worker's thread ends
        borrow.drop(carrier)


def new_carrier(worker: Worker) -> Carrier:
    """A carrier that starts with `worker.current`; only the hub makes them."""
    carrier: Carrier = Carrier.__new__(Carrier) if borrow.COMPILED else Carrier()
    body: Body = Body.__new__(Body) if borrow.COMPILED else Body(carrier)
    body.carrier = borrow.of(carrier)
    carrier.worker = borrow.of(worker)
    carrier.greenlet = switch.new(body)
    borrow.hide(carrier.greenlet)
    borrow.hold(carrier)
    return carrier


def run_current(worker: Worker, carrier: Carrier) -> bool:
    """Runs the current goroutine and picks the next; whether that is a new one. (A function of its own, so that a
    carrier that rests has no reference to the goroutine that has ended.)
    """
    guard.unpin()
    g: Goroutine = borrowed.goroutine(worker.current)
    g.carrier = borrow.of(carrier)
    g.worker = carrier.worker
    g.frames = carrier.frames
    g.reason = reasons.RUNNING
    carrier.goroutine = worker.current
    worker.started += 1
    execute(worker, g)
    carrier.goroutine = borrow.NOTHING
    worker.started -= 1
    guard.pin()
    if not worker.pick():
        return False
    following: Goroutine = borrowed.goroutine(worker.current)
    return not following.carrier


def execute(worker: Worker, g: Goroutine) -> None:
    """Runs a goroutine from beginning to end on the carrier that it has."""
    if HOOKS.on:
        HOOKS.tool.begin(g)
    if worker.ticks >= worker.look_at:
        scheduler.look_up(worker)
    if g.args:
        borrow.show(g.args)
    if borrow.is_method(g.fn):
        borrow.show(g.fn)
    if borrow.COMPILED:
        switch.enter(g.context)
        carry_out(g)
        switch.leave(g.context)
    else:
        g.context.run(carry_out, g)
    finish(g)


def carry_out(g: Goroutine) -> None:
    """In the goroutine's context: calls its function, and lets go of all that this brought."""
    failure = switch.call(g.fn, g.args, g.kwargs)
    if scheduler.this_worker() != g.worker:
        end_forked_child(borrow.get(failure) if failure else None)
    if g.loops:
        belongings.put_aside()
    if failure:
        if not isinstance(borrow.get(failure), Goexit):
            report(g, borrow.get(failure))
        borrow.drop(borrow.get(failure))
        failure = borrow.NOTHING
    g.fn = None
    g.args = None
    g.kwargs = None


def report(g: Goroutine, failure: Any) -> None:
    """An exception has left a goroutine."""
    if isinstance(failure, (SystemExit, KeyboardInterrupt)):
        interrupts.exit_program(failure)
    else:
        RUNTIME.on_failure(g, failure)


def finish(g: Goroutine) -> None:
    """A goroutine has ended, but for what it still holds: that dies here, and it may wait for that."""
    borrow.show(g.context)
    g.context = None
    g.mailbox = None
    g.created_code = None
    if HOOKS.on:
        HOOKS.tool.end(g)
    g.local = None
    g.reason = reasons.DEAD
    worker: Worker = owner.worker(g.worker)
    if g.locks and worker.locks:
        worker.locks -= 1
        worker.leaving = True
    at = g.registry
    if at:
        registry: Registry = owner.registry(at)
        registry.remove(g)


def fail(error: Any) -> None:
    """The current goroutine has failed: reports it; returns only where a panic handler has taken over."""
    if RUNTIME.on_failure(scheduler.current(), error):
        raise Goexit  # it ends here, and nobody is told that it is done


def end_forked_child(failure: Any) -> None:
    """A goroutine forked, and has ended in the child, where it is the main one: the child ends as a program does."""
    RUNTIME.on_event("forked", failure)


def end_if_forked(forks: Size, failure: Any) -> None:
    """What ran on behalf of others, when there had been so many forks, has ended. In the child of one those others are
    not there, and so it ends.
    """
    if forks != RUNTIME.forks:
        end_forked_child(failure)


switch.load()
