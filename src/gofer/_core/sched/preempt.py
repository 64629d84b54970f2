"""Preemption: a goroutine that has computed for too long gives way to the others of its worker.

The monitor finds a worker that has run one goroutine for a whole round while others wait, and calls `request` on its
own thread. That notes the worker's `ticks` in `worker.overrun`, which holds until the worker picks another goroutine,
and has the interpreter call back on the worker's thread very soon:

- from Python 3.12 on, by local events of `sys.monitoring` (jumps, calls, returns) on the code object that runs there.
  Any code reaches one of them soon, or leaves, and then the next round finds another code object.
- on 3.11 by a trace function that is set on that one thread, from outside, and is called at the next line or call.

The callback takes the events off again, so that code which gives way by itself is never slowed down, and switches
away as `gosched` does, unless it is in a place where that would be wrong (`safepoint`); the next round tries again. The
interpreter counts a callback as tracing, per thread, and traces nothing while that count is raised: it is lowered
around the switch. What interrupts the goroutine meanwhile is raised by the callback, and so where it was computing.

A goroutine that is about to park is left alone: it does not run (`reason`), or has been armed.

Events on a code object reach everybody who runs it. Who is not overdue returns at once, and takes the events off when
nobody is overdue any more.

Rejected:
- a signal (Go's way): its handler runs on the main thread only, and at places in C code where a switch corrupts what
  that does (a system call that is interrupted inside a buffered file, which belongs to a thread); and system calls
  of the program fail with EINTR now and then, which a signal that is only simulated (`interrupt_main`) avoids.
- `Py_AddPendingCall`: on the main thread only, and not again before the first has returned.
- `PyThreadState_SetAsyncExc`: an exception cannot be resumed.
- `PyEval_SetTrace` from 3.12 on: instruments every code object that is ever run, and stops all threads for it.
- LINE events: they cost memory for each line and are not needed beside JUMP.
- own checks in the code, by rewriting it: costs those who never need it.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from gofer._core.machine import borrow, debug, guard, reasons, switch, tracing
from gofer._core.sched import borrowed, census, interrupts, mail, owner, safepoint, scheduler
from gofer._core.sched.goroutine import Goroutine
from gofer._core.sched.monitor import MONITOR, say
from gofer._core.sched.timers import TIMERS
from gofer._core.sched.worker import Worker

TOOL_NAME = "gofer"
SLICE = 1e-3  # of processor time; a call in C that waited may just have got a lock of the system's
_monitoring: Any = getattr(sys, "monitoring", None)
_tool: Any = None  # the tool id; False: there is none to be had
_told: list[str] = []


def is_on() -> bool:
    """True if goroutines are preempted: unless `GOFER_PREEMPT=0`, and by the compiled core only."""
    return borrow.COMPILED and os.environ.get("GOFER_PREEMPT") != "0"


def on_overrun(worker: Any, seconds: float) -> None:
    """The monitor's hook: the worker has run one goroutine for `seconds`, and others wait. Not under a seed."""
    if not worker.chosen and worker.computed >= SLICE:
        request(worker)


def request(worker: Worker) -> bool:
    """Has the worker's goroutine give way, from any thread; false where that cannot be done now."""
    worker.overrun = worker.ticks
    if _monitoring is None:
        ident = worker.thread.ident
        done: bool = ident and tracing.trace_thread(ident, on_line)
        if not done:
            tell_once("the thread is traced by something else, so its goroutines are not preempted")
        return done
    return arm(worker)


def request_at(worker: Worker, code: Any) -> None:
    """Has the worker's goroutine look for what interrupts it as soon as it runs `code`: what it runs now will return
    there.
    """
    if _monitoring is None:
        request(worker)
    else:
        worker.overrun = worker.ticks
        arm_code(code)


def arm(worker: Worker) -> bool:
    """Sets the events on the code that the worker's thread runs."""
    stack = census.of_thread(worker.ident, 1)
    return bool(stack) and arm_code(stack[0][0])


def arm_code(code: Any) -> bool:
    """Sets the events on a code object."""
    tool = tool_id()
    if tool is False:
        return False
    _monitoring.set_local_events(tool, code, _events)
    return True


def tool_id() -> Any:
    """The id under which `sys.monitoring` knows gofer; False where others have them all."""
    global _tool
    if _tool is None:
        _tool = take_tool_id()
    return _tool


def take_tool_id() -> Any:
    for number in (4, 3):  # the others are meant for debuggers, coverage, profilers and optimizers
        if _monitoring.get_tool(number) is None:
            _monitoring.use_tool_id(number, TOOL_NAME)
            for event in _kinds:
                _monitoring.register_callback(number, event, on_event)
            if sys.version_info < (3, 14):
                _monitoring.register_callback(number, _monitoring.events.JUMP, on_jump)
                _monitoring.register_callback(number, _monitoring.events.INSTRUCTION, on_instruction)
            return number
    tell_once("no tool id of sys.monitoring is free, so goroutines are not preempted")
    return False


def tell_once(what: str) -> None:
    """Says under `GOFER_DEBUG=preempt=1` why there is no preemption."""
    if what not in _told:
        _told.append(what)
        if debug.asks_for("preempt"):
            say(what)


def on_line() -> None:
    """The callback of the trace function, which has been taken off. In a destructor main has it set again, until it is
    out of that.
    """
    g = take_turns(None)
    if g is not None:
        raise_interruption(g)
        return
    at = scheduler.this_worker()
    if at:
        worker: Worker = owner.worker(at)
        if is_for_main(worker) and interrupts.is_in_destructor(safepoint.newest()):
            request(worker)


def on_event(code: Any, offset: Any, more: Any = None) -> None:
    """The callback of `sys.monitoring`, but for jumps before Python 3.14."""
    g = take_turns(code)
    if g is not None:
        raise_interruption(g)


def on_jump(code: Any, offset: Any, target: Any) -> None:
    """The callback for jumps before Python 3.14: what it raised would come from the instruction before the target, and
    a `try` around the loop need not cover that. So an interruption is raised at the next instruction.
    """
    if take_turns(code) is not None:
        _monitoring.set_local_events(_tool, code, _monitoring.events.INSTRUCTION)


def on_instruction(code: Any, offset: Any) -> None:
    """The callback for every instruction of a code object that an interrupted goroutine runs."""
    at = scheduler.this_worker()
    if at:
        worker: Worker = owner.worker(at)
        if worker.current:
            g: Goroutine = borrowed.goroutine(worker.current)
            if guard.seen(g.interrupted):
                _monitoring.set_local_events(_tool, code, 0)
                raise_interruption(g)


def take_turns(code: Any) -> Any:
    """Has the goroutine that runs give way if it is the one that is to, and takes the events off `code`. Returns the
    goroutine if it has been interrupted meanwhile.
    """
    at = scheduler.this_worker()
    if at:
        worker: Worker = owner.worker(at)
        if is_due(worker):
            worker.overrun = -1
            if code is not None:
                _monitoring.set_local_events(_tool, code, 0)
            TIMERS.look()  # a context's end is seen even by who must not be switched away from
            if is_interrupted(worker):
                return borrow.get(worker.current)
            if may_give_way(worker):
                return give_way(worker)
            return None
    if code is not None and not is_anybody_due():
        _monitoring.set_local_events(_tool, code, 0)
    return None


def raise_interruption(g: Goroutine) -> None:
    """Raises what interrupted the goroutine, unless it has been raised."""
    if guard.seen(g.interrupted) and mail.receive(g):
        scheduler.raise_pending(g)


def is_for_main(worker: Worker) -> bool:
    """True if the goroutine that runs is a main one, computes, and may have mail."""
    if not worker.current or worker.main is None or worker.current != borrow.of(worker.main):
        return False
    g: Goroutine = worker.main
    return g.reason == reasons.RUNNING and not guard.seen(g.armed) and bool(guard.seen(g.interrupted))


def is_interrupted(worker: Worker) -> bool:
    """True if that goroutine has mail, and may raise it here."""
    return is_for_main(worker) and interrupts.may_be_interrupted() and mail.receive(worker.main)


def is_due(worker: Worker) -> bool:
    """True if the goroutine that runs is still the one that was to give way."""
    return worker.overrun == worker.ticks


def is_anybody_due() -> bool:
    for each in scheduler.shared().all_workers():
        worker: Worker = each
        if is_due(worker):
            return True
    return False


def may_give_way(worker: Worker) -> bool:
    """True if a goroutine runs, is not about to park, and is where it may be switched away from."""
    if not worker.current:
        return False
    g: Goroutine = borrowed.goroutine(worker.current)
    if g.reason != reasons.RUNNING or guard.seen(g.armed):
        return False
    try:
        return bool(safepoint.is_safe(safepoint.newest())) and are_outer_safe(g)
    except RecursionError:  # no room left to look: the goroutine's own, and it must not see it
        return False


def are_outer_safe(g: Goroutine) -> bool:
    """The same for the calls that wait for a greenlet of the goroutine's own making, where it runs in one."""
    carrier: Any = borrowed.carrier(g.carrier)
    at = switch.current()
    while at is not carrier.greenlet:
        at = at.parent
        if at is None or not safepoint.is_safe(at.gr_frame):
            return False
    return True


def give_way(worker: Worker) -> Any:
    """As `yield_now`, inside a callback of the interpreter's; returns the goroutine if it has been interrupted."""
    if not worker.has_runnable():
        return None
    g: Goroutine = borrowed.goroutine(worker.current)
    g.reason = reasons.RUNNABLE
    guard.pin()
    worker.push(g)
    tracing.leave()
    try:
        scheduler.switch_away(worker, g)
    finally:
        tracing.enter()
    guard.unpin()
    g.reason = reasons.RUNNING
    return g if guard.seen(g.interrupted) else None


def install() -> None:
    """Has the monitor report here."""
    if is_on():
        interrupts.URGENCY.press = request
        interrupts.URGENCY.press_at = request_at
        MONITOR.attach(on_overrun)
        MONITOR.start_with_goroutines()


if _monitoring is not None:
    _kinds = [getattr(_monitoring.events, name) for name in ("JUMP", "PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD")]
    _events = sum(_kinds)
switch.load()
