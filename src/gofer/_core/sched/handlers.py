"""The handlers of signals: what they do, and what they raise, is the main goroutine's.

Python runs a handler on the main thread, between two instructions of whatever goroutine runs there or in a call of it
that the signal interrupts. So every handler in Python, those that the program sets and Python's own for Ctrl-C, is
called through a `Handler`. Where main runs that does no more. Where another goroutine does, the program's handler is
run in its place, but as main: it is goroutine 1, it has main's context, and what it raises goes to main (`interrupts`),
while the goroutine goes on with its work. Where no goroutine runs the handler gets one.

For that `signal.signal` and `signal.getsignal`, which are functions in Python, find these here in the place of the
module `_signal`, whenever the program has imported them. It sees its own handlers there. Handlers set in C
(`faulthandler`) are let alone.

Some places of the core cannot bear a handler: where gofer starts a thread, and all of the uncompiled core, which is
Python. There it is deferred, and SIGURG asks again (`interrupts`).
"""

from __future__ import annotations

import _signal
import os
import signal
import sys
import threading
from functools import partial
from typing import Any

from gofer._core.machine import borrow, guard, switch
from gofer._core.sched import borrowed, goroutine, interrupts, owner, scheduler, spawn, threads
from gofer._core.sched.goroutine import Carrier, Goroutine
from gofer._core.sched.interrupts import DEFERRED, SIGNAL, URGENCY
from gofer._core.sched.worker import Worker

# Whose handlers wake no goroutine: they end a test or a command, or are for a loop that is not there meanwhile.
TOOLS = frozenset(
    {"gofer", "pytest_timeout", "_pytest", "unittest", "asyncio", "pdb", "_pyrepl", "IPython", "ipykernel", "_signal"}
)


class Handler:
    """What Python calls; `handler` is the program's, which for SIGURG may be none."""

    def __init__(self, handler: Any) -> None:
        self.handler = handler

    def __call__(self, number: Any, frame: Any) -> None:
        """A signal has come."""
        if number == SIGNAL and URGENCY.asked:
            URGENCY.asked = False
            if must_wait(frame):
                interrupts.step()
            else:
                run_deferred()
                interrupts.urge(frame)
        elif callable(self.handler):
            if must_wait(frame):
                DEFERRED.append((self.handler, number, frame))
                interrupts.hurry()
            else:
                deliver(self.handler, number, frame)


def must_wait(frame: Any) -> bool:
    """True if no handler may run here. Uncompiled, the core calls the program in some places: where it does not come
    back from there, that is no reason.
    """
    if threads.is_starting() or guard.is_inside(frame):
        return True
    if guard.is_calling(frame):
        interrupts.look_at(frame)
        return not interrupts.is_stuck()
    return False


def run_deferred() -> None:
    """Runs the handlers that have had to wait, in their order."""
    while DEFERRED:
        handler, number, frame = DEFERRED.pop(0)
        deliver(handler, number, frame)


def deliver(handler: Any, number: Any, frame: Any) -> None:
    """Runs a handler as main."""
    at = scheduler.this_worker()
    if at:
        worker: Worker = owner.worker(at)
        if not worker.current:
            start(worker, handler, number)
            return
        g: Goroutine = borrowed.goroutine(worker.current)
        if not g.carrier:
            start(worker, handler, number)
            return
        if g is not worker.main:
            act_as_main(worker, g, handler, number, frame)
            return
        if interrupts.is_in_destructor(frame):
            act_as_main(worker, g, handler, number, frame)
            return
    handler(number, frame)


def start(worker: Worker, handler: Any, number: Any) -> None:
    """On a worker that runs no goroutine at this moment: a goroutine runs it, at once if the worker sleeps."""
    main: Goroutine = worker.main
    carrier: Carrier = borrowed.carrier(main.carrier)
    spawn.go_main(act, (handler, number, carrier.greenlet.gr_frame))


def act(handler: Any, number: Any, frame: Any) -> None:
    """What such a goroutine does."""
    at = scheduler.this_worker()
    worker: Worker = owner.worker(at)
    act_as_main(worker, borrowed.goroutine(worker.current), handler, number, frame)


def act_as_main(worker: Worker, g: Goroutine, handler: Any, number: Any, frame: Any) -> None:
    """Runs a handler on the stack of `g`, as if it were the main goroutine, and lets that have what it raises."""
    main: Goroutine = worker.main
    actor = goroutine.new_goroutine()
    actor.id = main.id
    actor.reason = g.reason
    actor.carrier = g.carrier
    actor.worker = g.worker
    actor.local = main.local
    handled = sys.exception()
    here = switch.current()
    context = here.gr_context
    if g is not main:
        carrier: Carrier = borrowed.carrier(main.carrier)
        here.gr_context = carrier.greenlet.gr_context
    raised: Any = None
    worker.current = borrow.of(actor)
    try:
        handler(number, frame)
    except BaseException as error:
        raised = error
    worker.current = borrow.of(g)
    here.gr_context = context
    if main.local is None:
        main.local = actor.local
    if raised is not None:
        interrupts.interrupt(main, cleaned(raised, handled))


def cleaned(error: Any, handled: Any) -> Any:
    """The exception without the call from here, and without what another goroutine was handling when it was raised."""
    if error.__traceback__ is not None:
        error.__traceback__ = error.__traceback__.tb_next
    inner = error if handled is not None else None
    while inner is not None and inner.__context__ is not handled:
        inner = inner.__context__
    if inner is not None:
        inner.__context__ = None
    return error


class Module:
    """What `signal.signal` and `signal.getsignal` take for the module `_signal`."""

    def __getattr__(self, name: str) -> Any:
        return getattr(_signal, name)

    def signal(self, number: Any, handler: Any) -> Any:
        """Sets a handler; returns the one that was there before, as the program knows it."""
        handler = own(handler)
        if callable(handler) or (number == SIGNAL and handler in (signal.SIG_DFL, signal.SIG_IGN)):
            return own(_signal.signal(number, Handler(handler)))
        return own(_signal.signal(number, handler))

    def getsignal(self, number: Any) -> Any:
        """The handler, as the program knows it."""
        return own(_signal.getsignal(number))


def own(handler: Any) -> Any:
    """The program's handler behind what Python has."""
    if isinstance(handler, Handler):
        known: Handler = handler
        return known.handler
    return handler


def take_over() -> None:
    """Calls through here the handlers that are set now and later; on the main thread, else it does nothing yet."""
    if URGENCY.ready or threading.current_thread() is not threading.main_thread():
        return
    for number in signal.valid_signals():
        handler = _signal.getsignal(number)
        if callable(handler) or (number == SIGNAL and handler is not None):
            _signal.signal(number, Handler(own(handler)))
    signal._signal = Module()  # type: ignore[attr-defined]
    URGENCY.ready = own(_signal.getsignal(SIGNAL)) is not None


def may_wake() -> bool:
    """True if a handler of the program's is set, for a signal that can come: it may wake a goroutine."""
    set_now = {number for number in signal.valid_signals() if is_the_programs(own(_signal.getsignal(number)))}
    return bool(set_now) and bool(set_now - blocked())


def is_the_programs(handler: Any) -> bool:
    """True if a handler does what the program wants."""
    while isinstance(handler, partial):
        handler = handler.func
    if not callable(handler):
        return False
    module = getattr(handler, "__module__", None) or type(handler).__module__
    return str(module).partition(".")[0] not in TOOLS


def blocked() -> set[int]:
    """The signals that no thread would be told of, where the system says so. A hub asks: text would import a codec, and
    who imports may have to wait.
    """
    masks = []
    try:
        for task in os.listdir("/proc/self/task"):
            with open(f"/proc/self/task/{task}/status", "rb") as file:
                masks += [int(line.split()[1], 16) for line in file if line.startswith(b"SigBlk:")]
    except (OSError, ValueError):
        return set()
    return {number for number in signal.valid_signals() if all(mask >> (number - 1) & 1 for mask in masks)}


switch.load()
