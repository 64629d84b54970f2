"""Carriers: what a goroutine runs on, and how it ends.

A carrier is a greenlet of one worker. It runs a new goroutine to its end, then the next new one, without any switch;
where there is none it rests among the worker's idle carriers. Only the hub makes carriers: a greenlet inherits the
recursion depth of the stack that it is started on.
"""

from __future__ import annotations

from typing import Any

from gofer._core import borrow, borrowed, reasons, scheduler, switch
from gofer._core.errors import Goexit
from gofer._core.goroutine import Carrier, Goroutine, Registry
from gofer._core.hooks import HOOKS
from gofer._core.runtime import RUNTIME
from gofer._core.worker import Worker

IDLE_CARRIERS_KEPT = 1024


class Body:
    """What a carrier's greenlet calls. (A `partial` of a function took more C stack of each goroutine that waits.)"""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = borrow.of(carrier)

    def __call__(self) -> None:
        """Runs the worker's current goroutine, then the next new one, until there is none."""
        carrier: Carrier = borrowed.carrier(self.carrier)
        worker: Worker = borrowed.worker(carrier.worker)
        switch.begin_frames()
        while True:
            if run_current(worker, carrier):
                continue
            if worker.idle_count >= IDLE_CARRIERS_KEPT:
                break
            worker.rest(carrier)
            target = scheduler.next_target(worker)
            if target is not carrier.greenlet:
                switch.to(target)
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
    g: Goroutine = borrowed.goroutine(worker.current)
    g.carrier = borrow.of(carrier)
    g.worker = carrier.worker
    g.reason = reasons.RUNNING
    carrier.goroutine = worker.current
    worker.started += 1
    execute(g)
    if scheduler.this_worker() != carrier.worker:
        end_forked_child()
    carrier.goroutine = borrow.NOTHING
    worker.started -= 1
    if worker.ticks >= worker.look_at:
        scheduler.look_up(worker)
    if not worker.pick():
        return False
    following: Goroutine = borrowed.goroutine(worker.current)
    return not following.carrier


def execute(g: Goroutine) -> None:
    """Runs a goroutine from beginning to end on the carrier that it has."""
    if HOOKS.on:
        HOOKS.tool.begin(g)
    if g.args:
        borrow.show(g.args)
    if borrow.is_method(g.fn):
        borrow.show(g.fn)
    failure = switch.call(g.fn, g.args, g.kwargs, g.context)
    worker: Worker = borrowed.worker(g.worker)
    if failure:
        finish(worker, g, borrow.get(failure))
        borrow.drop(borrow.get(failure))
    else:
        finish(worker, g, None)


def finish(worker: Worker, g: Goroutine, failure: Any) -> None:
    """A goroutine has ended."""
    if failure is not None and not isinstance(failure, Goexit):
        main = RUNTIME.main_goroutine()
        if main is not None and isinstance(failure, (SystemExit, KeyboardInterrupt)):
            scheduler.interrupt(main, failure)
        else:
            RUNTIME.on_failure(g, failure)
    if HOOKS.on:
        HOOKS.tool.end(g)
    g.reason = reasons.DEAD
    if g.locks and worker.locks:
        worker.locks -= 1
        worker.leaving = True
    borrow.show(g.context)
    at = g.registry
    if at:
        registry: Registry = borrowed.registry(at)
        registry.remove(g)


def fail(error: Any) -> None:
    """The current goroutine has failed: reports it; returns only where a panic handler has taken over."""
    if RUNTIME.on_failure(scheduler.current(), error):
        raise Goexit  # it ends here, and nobody is told that it is done


def end_forked_child() -> None:
    """A goroutine forked, and returned in the child: the child's main goroutine has ended, and so the child."""
    RUNTIME.on_event("forked")


switch.load()
