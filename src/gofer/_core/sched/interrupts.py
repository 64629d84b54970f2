"""Interruptions: how what is meant for a main goroutine reaches it, wherever it is.

`interrupt` posts a letter (see `mail`) and wakes the goroutine if it waits. If it computes, is in a call of the
standard library, or another goroutine has its thread, that is not enough: the main thread is sent SIGURG, as Go's
runtime sends it. The handler (`urge`) raises the exception where main is, or has the goroutine that runs instead give
way to it. SIGURG does nothing by itself, so nobody else is disturbed. A signal that comes just before a system call
does not interrupt that, and an exception cannot be raised everywhere, nor can a goroutine give way everywhere. So a
helper thread, the `nagger`, sends it again and again, at growing intervals, until everything has been delivered.

Where is that possible? Between two instructions (at a jump, at the beginning of a function) the rule of preemption says
it (`safepoint`). At a call nobody can tell whether the signal came in it or behind it, where its result, such as a
value that has been received, would be lost; so the next instruction is looked at. Where a goroutine has been found at
the same call some times it is in it, and waits there with the thread: that is a place, too, or everybody would wait.
After `IMPATIENT` rounds, half a second, any place is.

A main goroutine on another thread than the main one (`run` in a thread) cannot be sent signals. What computes there is
interrupted by the means of preemption; a call of the standard library is not.

Rejected: `PyThreadState_SetAsyncExc` (reaches whichever goroutine runs), to raise the exception in the goroutine that
runs (it is not meant for it, and its work would be lost), a switch to main and back for the handler (it may have been
called anywhere in C code).
"""

from __future__ import annotations

import _signal
import sys
from _thread import allocate_lock, get_ident, interrupt_main
from opcode import opname
from threading import main_thread
from typing import Any

from gofer._core.machine import borrow, guard, reasons
from gofer._core.sched import borrowed, mail, owner, safepoint, scheduler, threads
from gofer._core.sched.goroutine import Goroutine, Mailbox
from gofer._core.sched.runtime import RUNTIME
from gofer._core.sched.worker import Worker

SIGNAL = _signal.SIGURG
FIRST_PAUSE = 0.001  # seconds
LONGEST_PAUSE = 0.1
STUCK = 3  # rounds in which a goroutine is found at the same call
IMPATIENT = 9
STILL = 2  # steps in a round of one that is in a call: the signal, and the next one, in the call's own look for signals
STEPS = 256  # instructions that are looked at in a round
BETWEEN = {number for number, name in enumerate(opname) if "JUMP_BACKWARD" in name or name == "RESUME"}
JUMPS_MISLEAD = sys.version_info[:2] == (3, 12)
DEFERRED: list[Any] = []  # handlers of signals that must wait (see `handlers`)


class Urgency:
    """How it goes; `URGENCY` is the one instance.

    `ready`: SIGURG has its handler. `ended`: the main thread's program has come to its end, and what is raised there
    would be lost. `press` and `press_at` are what preemption offers. `asked`: SIGURG comes from here. The nagger has
    `idle`, down while there is one, and counts in `round`. The main thread notes at which `place` it has found a
    goroutine in the round last `seen`, in how many rounds that was the `same`, and how many `steps` it has made since.
    """

    def __init__(self) -> None:
        self.ready = False
        self.ended = False
        self.press: Any = None
        self.press_at: Any = None
        self.reset()

    def reset(self) -> None:
        """No nagger: at import, and in the child of a fork."""
        self.idle = guard.flag(1)
        self.asked = False
        self.round = 0
        self.seen = -1
        self.place: Any = None
        self.same = 0
        self.steps = 0

    def begin(self) -> bool:
        """True for who becomes the nagger's maker: there is none. What the last one has counted is forgotten."""
        if not (guard.seen(self.idle) and guard.take(self.idle)):
            return False
        self.round = 0
        self.seen = -1
        self.same = 0
        return True

    def end(self) -> None:
        """There is no nagger."""
        guard.raise_flag(self.idle)


def interrupt(g: Goroutine, error: Any) -> None:
    """Has `g`, which has a mailbox, raise `error` as soon as that is possible; from any thread."""
    mail.post(g, error)
    if g.claim():
        g.torn = True
        worker: Worker = owner.worker(g.worker)
        idle = scheduler.this_worker() == g.worker and not worker.current
        scheduler.ready(g)
        if idle:
            return  # it runs next
    hurry()


def exit_program(error: Any) -> None:
    """Has the main goroutine, or where there is none the main thread, raise what leaves a goroutine to end the program:
    a `SystemExit`, or a `KeyboardInterrupt`.
    """
    mail.EXITS.append(error)
    main: Goroutine | None = RUNTIME.main_goroutine()
    if main is not None:
        mail.look(main)
        offer_exit(main)
    hurry()


def offer_exit(main: Goroutine) -> None:
    """Wakes the main goroutine with the first exit, if it waits and does not handle another one."""
    box: Mailbox = main.mailbox
    error = None if box.deaf else mail.take_exit()
    if error is None:
        return
    if main.claim():
        mail.post(main, error)
        main.torn = True
        scheduler.ready(main)
    else:
        mail.put_back(error)


def hurry() -> None:
    """Something has been posted, or deferred, and who it is for may not look soon."""
    if URGENCY.begin() and not threads.start_bare(nag):
        URGENCY.end()
    press()


def nag() -> None:
    """The life of the nagger: until everything has been delivered."""
    wait = allocate_lock()
    wait.acquire()
    pause = FIRST_PAUSE
    while True:
        wait.acquire(True, pause)
        pause = min(2.0 * pause, LONGEST_PAUSE)
        if is_anything_left():
            URGENCY.round += 1
            press()
            continue
        URGENCY.end()
        if not is_anything_left() or not URGENCY.begin():
            return


def is_anything_left() -> bool:
    """True if something is still to be delivered, and can be."""
    if URGENCY.ended:
        return False
    if DEFERRED or mail.EXITS:
        return True
    for each in RUNTIME.all_workers():
        worker: Worker = each
        if worker.main is not None and mail.is_waiting(worker.main):
            return True
    return False


def press() -> None:
    """Interrupts the threads of those for whom there is something."""
    first: Goroutine | None = RUNTIME.main_goroutine()
    here = bool(DEFERRED) or (first is None and bool(mail.EXITS))
    for each in RUNTIME.all_workers():
        worker: Worker = each
        main: Goroutine | None = worker.main
        if main is None or not guard.seen(main.interrupted):
            continue
        if main is first:
            offer_exit(main)
        if worker.thread is main_thread():
            here = True
        if URGENCY.press is not None and (JUMPS_MISLEAD or worker.thread is not main_thread()):
            URGENCY.press(worker)
    if here and URGENCY.ready:
        URGENCY.asked = True
        ident = main_thread().ident
        if get_ident() == ident:
            interrupt_main(SIGNAL)
        else:
            _signal.pthread_kill(ident, SIGNAL)


def urge(frame: Any) -> None:
    """SIGURG has come: on the main thread, between two instructions of whatever runs there or in a call of it, but not
    in the core. `frame` is the newest one; None where no Python runs: the program has come to its end, or a goroutine
    is a call of C.
    """
    at = scheduler.this_worker()
    if not at:
        urge_thread()
        return
    worker: Worker = owner.worker(at)
    if not worker.current or worker.main is None:
        return  # who waits for it runs next
    main: Goroutine = worker.main
    g: Goroutine = borrowed.goroutine(worker.current)
    if not guard.seen(main.interrupted):
        return
    if g is main:
        if frame is None or URGENCY.ended:
            return
        if is_in_destructor(frame):
            look_behind(worker, frame)
            return
        if not misleads(frame) and may_be_left(frame) and mail.receive(main):
            raise mail.open_letter(main)
        return
    runs = g.reason == reasons.RUNNING and not guard.seen(g.armed)
    if runs and main.reason == reasons.RUNNABLE and may_be_left(frame):
        g.reason = reasons.RUNNABLE
        guard.pin()
        worker.push(g)
        scheduler.switch_away(worker, g)
        guard.unpin()
        g.reason = reasons.RUNNING


def urge_thread() -> None:
    """The same where the main thread has not used gofer: exits are for it, if there is no main goroutine elsewhere."""
    if not mail.EXITS or RUNTIME.main_goroutine() is not None or URGENCY.ended or mail.handles_exit(None):
        return
    error = mail.take_exit()
    if error is not None:
        raise error


def may_be_left(frame: Any) -> bool:
    """True if the goroutine that runs may be made to give way, or main interrupted, at this frame's present
    instruction. Behind a call it may not: what that has returned, such as a value it has received, would be lost.
    """
    look_at(frame)
    if URGENCY.round > IMPATIENT:
        return True
    if frame is not None and frame.f_code.co_code[frame.f_lasti] in BETWEEN:
        return bool(safepoint.is_safe(frame))
    if is_stuck():
        return True
    step()
    return False


def may_be_interrupted() -> bool:
    """True if main, which computes, may be interrupted where a callback of the interpreter's has come."""
    frame = safepoint.newest()
    return not is_in_destructor(frame) and (URGENCY.round > IMPATIENT or bool(safepoint.is_safe(frame)))


def misleads(frame: Any) -> bool:
    """True if what a handler raises at this frame's present instruction would seem to come from another one, which a
    `try` around it need not cover: a jump of Python 3.12 back to the first instruction of a `try`, most often. There
    the means of preemption raise it, if there are any.
    """
    if not JUMPS_MISLEAD or URGENCY.press is None or frame is None:
        return False
    return "JUMP" in opname[frame.f_code.co_code[frame.f_lasti]]


def look_at(frame: Any) -> None:
    """Notes where the main thread is found, once a round."""
    if URGENCY.seen == URGENCY.round:
        return
    place = None if frame is None else (frame.f_code, frame.f_lasti)
    stayed = place == URGENCY.place and URGENCY.steps <= STILL
    URGENCY.same = URGENCY.same + 1 if stayed else 1
    URGENCY.place = place
    URGENCY.seen = URGENCY.round
    URGENCY.steps = 0


def step() -> None:
    """Has the main thread look again at the next instruction at which that is possible. Uncompiled that would be one
    of the handler's own, so there it is left to the next round.
    """
    if borrow.COMPILED and URGENCY.steps < STEPS:
        URGENCY.steps += 1
        URGENCY.asked = True
        interrupt_main(SIGNAL)


def is_stuck() -> bool:
    """True if the main thread has been found at the same place some times."""
    return URGENCY.same >= STUCK


def is_in_destructor(frame: Any) -> bool:
    """True if what is raised at this frame would be swallowed, because a destructor is under way."""
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            return True
        frame = frame.f_back
    return False


def look_behind(worker: Worker, frame: Any) -> None:
    """Has main look again when it is out of the destructors at this frame. A program may spend nearly all of its time
    in them, so that no signal comes anywhere else.
    """
    outer = frame
    while frame is not None:
        if frame.f_code.co_name == "__del__":
            outer = frame.f_back
        frame = frame.f_back
    if outer is not None and URGENCY.press_at is not None:
        URGENCY.press_at(worker, outer.f_code)


def reset_after_fork() -> None:
    """The child's mail is its own."""
    mail.EXITS.clear()
    DEFERRED.clear()
    URGENCY.reset()


URGENCY = Urgency()
