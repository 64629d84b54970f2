"""Contexts: a tree down which cancellation, deadlines and values go. Go: the package `context`.

`gate` protects a cancellable context's state: `code` (0 while it has not ended), why it ended, the channel, made when
it is first asked for, and `children`. What holds:
- a context that has ended keeps its code and reasons for ever, has no children, and gets none: who comes too late is
  ended at once;
- children are held by their parent until they end, in the order in which they came, so that under a seed a cancelled
  tree wakes its goroutines in the same order each time;
- nothing is called under a gate, and no two gates are held at once: a tree is ended context by context, in a loop, so
  neither its size nor its depth costs stack;
- `err()` shows no end before `done()` is closed: who sees the end first closes the channel.

A parent that is not one of ours (`propagate_foreign`) is asked for its innermost context of ours, if it has the same
channel; else for its `after_func`; else a goroutine waits for it.

Happens-before: `clock` is the clock of who ended the context, or the one with which its timer was started; the channel
is closed with it, `err` acquires it, and functions of `after_func` begin after it. Who notices that a deadline has come
has no part in that (see `alarms`). `err` looks at the clock itself where the context has not ended: a goroutine that
polls it may be the only one.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Self

from gofer._core.chan.chan import Chan
from gofer._core.chan.select import chan_of, recv, select
from gofer._core.context import lineage
from gofer._core.context.lineage import INNERMOST, Link, RootContext, UncancelledContext, ValueContext
from gofer._core.machine import borrow, guard
from gofer._core.machine.borrow import Size
from gofer._core.machine.errors import Canceled, DeadlineExceeded, Panic
from gofer._core.machine.hooks import HOOKS
from gofer._core.sched import spawn
from gofer._core.sched.timers import NEVER, TIMERS, Deadline
from gofer._core.time import alarms

CANCELED = 1
EXCEEDED = 2
FOREIGN = 3


class CancelContext(Link):
    """A context that can be cancelled, and a context manager that cancels it on leaving. Go: with its `CancelFunc`."""

    def open(self, parent: Any) -> None:
        """The fields that an uncompiled one begins with; compiled, they are so anyway."""
        self.begin(parent)
        self.gate = guard.make()
        self.code = 0
        self.error: Any = None
        self.why: Any = None
        self.clock: Any = None
        self.chan: Any = None
        self.view: Any = None
        self.children: Any = None
        self.owner: Any = None
        self.unhook: Any = None
        self.alarm: Any = None

    def cancel(self, cause: Any = None) -> None:
        """Ends it and all that is derived from it, unless it has ended before. Go: `CancelFunc`, `CancelCauseFunc`.

        `cause` is what `cause(ctx)` tells then; without one, that is a `Canceled`. Does not wait for the work to stop.
        Happens before `done()` is closed, `err()` tells, and functions of `after_func` start.
        """
        if cause is not None and not isinstance(cause, BaseException):
            raise TypeError(f"cancel: the cause is an exception or None, not {type(cause).__name__}")
        if not self.code:
            self.end(CANCELED, None, cause, snapshot())
            unhook = self.take_unhook()
            if unhook is not None:
                unhook()

    def done(self) -> Any:
        """The channel that is closed when it ends; the same one each time. Go: `Context.Done`."""
        guard.lock(self.gate)
        view = self.view
        guard.unlock(self.gate)
        if view is None:
            made = Chan()
            fresh = made.receiver
            guard.lock(self.gate)
            if self.view is None:
                self.view = fresh
                self.chan = made
            view = self.view
            guard.unlock(self.gate)
        if self.code:
            self.open_chan()
        return view

    def err(self) -> Exception | None:
        """Why it has ended, a new `Canceled` or `DeadlineExceeded`; None: it has not. Go: `Context.Err`."""
        if HOOKS.on:
            HOOKS.step()
        if not self.code and not (TIMERS.look() and self.code):
            return None
        self.open_chan()
        if HOOKS.on:
            HOOKS.tool.acquire(self.clock)
        error: Exception | None = self.reason()
        return error

    def open_chan(self) -> Chan | None:
        """The channel, if anybody has asked for it, closed if the context has ended."""
        guard.lock(self.gate)
        chan = self.chan
        ended = self.code
        guard.unlock(self.gate)
        if ended and chan is not None and not chan.is_closed:
            chan.shut(self.clock)
        return chan

    def reason(self) -> Any:
        """A new exception for why it has ended."""
        guard.lock(self.gate)
        code = self.code
        error = self.error
        guard.unlock(self.gate)
        if code == CANCELED:
            return Canceled()
        return DeadlineExceeded() if code == EXCEEDED else error

    def adopt(self, child: Any) -> bool:
        """Ends `child` when this ends; false where it has ended."""
        fresh: Any = None
        while True:
            guard.lock_to_grow(self.gate)
            if self.code:
                guard.unlock(self.gate)
                return False
            if self.children is None and fresh is not None:
                self.children = fresh
            if self.children is not None:
                self.children[child] = None
                guard.unlock(self.gate)
                return True
            guard.unlock(self.gate)
            fresh = {}

    def drop(self, child: Any) -> None:
        """A child has ended; the caller still has it."""
        guard.lock_to_grow(self.gate)
        if not self.code and self.children is not None:
            self.children.pop(child, None)
        guard.unlock(self.gate)

    def leave(self) -> None:
        """Its parent need not end it any more."""
        if self.owner is not None:
            self.owner.drop(self)

    def take_unhook(self) -> Any:
        """What has to be called, once, so that a foreign parent forgets it; None: nothing."""
        guard.lock(self.gate)
        unhook = self.unhook
        self.unhook = None
        guard.unlock(self.gate)
        return unhook

    def end(self, code: Size, error: Any, why: Any, clock: Any) -> None:
        """Ends it and what is derived from it, and leaves the parent."""
        if self.finish(code, error, why, clock):
            if self.children is not None:
                end_children(self, code, error, why, clock)
            self.leave()

    def end_as(self, owner: Any) -> None:
        """Ends it as `owner` has ended, which will not change any more."""
        self.end(owner.code, owner.error, owner.why, owner.clock)

    def finish(self, code: Size, error: Any, why: Any, clock: Any) -> bool:
        """Ends it alone; false where it has ended before. Who gets true owns `children` from then on."""
        guard.lock(self.gate)
        if self.code:
            guard.unlock(self.gate)
            return False
        self.error = error
        self.why = why
        self.clock = clock
        self.code = code
        chan = self.chan
        alarm = self.alarm
        self.alarm = None
        guard.unlock(self.gate)
        if chan is not None:
            chan.shut(clock)
        if alarm is not None:
            alarms.stop(alarm)
        return True

    def arm(self, when: float, why: Any) -> None:
        """Ends it at `when` unless it ends before."""
        alarm = Alarm(self, why, snapshot())
        guard.lock(self.gate)
        hooked = self.unhook is not None
        guard.unlock(self.gate)
        if hooked:
            alarm.origin = spawn.origin()
        guard.lock(self.gate)
        if not self.code:
            self.alarm = alarm
        guard.unlock(self.gate)
        alarms.start(alarm, when)
        if self.code:
            alarms.stop(alarm)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.cancel()


class Alarm(Deadline):
    """Ends a context at its deadline. `origin`, for one that has an `unhook`: who gave it the deadline."""

    def __init__(self, context: Any, why: Any, clock: Any) -> None:
        super().__init__()
        self.context = context
        self.why = why
        self.clock = clock
        self.origin: Any = None

    def fire(self, now: float) -> None:
        self.context.end(EXCEEDED, None, self.why, self.clock)
        unhook = self.context.take_unhook()
        if unhook is not None:  # it is not gofer's, and must not run on the stack of who noticed
            spawn.go_from(self.origin, None, unhook, (), None)


class Registration:
    """What `after_func` leaves with a context: a child that starts a goroutine, as its caller's, when it is ended."""

    def __init__(self, fn: Any, owner: Any, private: bool) -> None:
        self.fn = fn
        self.origin = spawn.origin()
        self.pending = guard.flag(1)
        self.owner = owner
        self.private = private

    def start(self, clock: Any) -> None:
        """Starts the function after the context's end, unless that has been done or it was stopped."""
        if guard.take(self.pending):
            spawn.go_from(self.origin, clock, self.fn, (), None)

    def stop(self) -> bool:
        """Keeps the function from being started; false where it has been, or was stopped before."""
        if not guard.take(self.pending):
            return False
        if self.private:
            self.owner.cancel()
        else:
            self.owner.drop(self)
        return True


def snapshot() -> Any:
    """The caller's clock, while somebody wants to know."""
    return HOOKS.tool.snapshot() if HOOKS.on else None


def new_context(parent: Any) -> CancelContext:
    """A context that nothing ends yet."""
    c: CancelContext = CancelContext.__new__(CancelContext)
    if borrow.COMPILED:
        c.parent = parent
    else:
        c.open(parent)
    return c


def check_parent(parent: Any) -> None:
    """Panic for None, TypeError for what is no context."""
    if parent is None:
        raise Panic("cannot create context from nil parent")
    if not isinstance(parent, Link):
        for name in ("deadline", "done", "err", "value"):
            if not callable(getattr(parent, name, None)):
                raise TypeError(f"a context is needed, not {type(parent).__name__}, which has no method {name!r}")


def propagate(child: CancelContext, parent: Any) -> None:
    """Has `child` end when `parent` does."""
    source = lineage.cancellable(parent)
    if source is None:
        return
    if isinstance(source, CancelContext):
        owner: CancelContext = source
        child.owner = owner
        if not owner.adopt(child):
            child.end_as(owner)
    else:
        propagate_foreign(child, source)


def propagate_foreign(child: CancelContext, parent: Any) -> None:
    done = parent.done()
    if done is None:
        return
    chan = chan_of(done, "recv")
    if chan.closed:
        end_from(child, parent)
        return
    ours = parent.value(INNERMOST)
    if isinstance(ours, CancelContext):
        owner: CancelContext = ours
        if owner.open_chan() is chan:
            child.owner = owner
            if not owner.adopt(child):
                child.end_as(owner)
            return
    hook = getattr(parent, "after_func", None)
    if callable(hook):
        unhook = hook(partial(end_from, child, parent))
        guard.lock(child.gate)
        if not child.code:
            child.unhook = unhook
        guard.unlock(child.gate)
    else:
        spawn.go(watch, (child, parent, done), None)


def watch(child: CancelContext, parent: Any, done: Any) -> None:
    """The body of the goroutine that waits for a foreign parent."""
    if select(recv(done), recv(child.done())).index == 0:
        end_from(child, parent)


def end_from(child: CancelContext, parent: Any) -> None:
    """Ends `child` for the reason that its foreign parent gives."""
    error = parent.err()
    if error is None:
        raise Panic(f"{lineage.text(parent)} is done, but its err() is None")
    child.take_unhook()
    code = FOREIGN
    if type(error) is Canceled:
        code = CANCELED
    elif type(error) is DeadlineExceeded:
        code = EXCEEDED
    why = cause(parent)
    child.end(code, error, None if type(why) is type(error) and code != FOREIGN else why, snapshot())


def end_children(root: CancelContext, code: Size, error: Any, why: Any, clock: Any) -> None:
    """Ends everything derived from a context that has been ended."""
    pending = list(reversed(root.children))
    root.children = None
    while pending:
        child = pending.pop()
        if isinstance(child, Registration):
            registered: Registration = child
            registered.start(clock)
        else:
            c: CancelContext = child
            if c.finish(code, error, why, clock) and c.children is not None:
                pending.extend(reversed(c.children))
                c.children = None


def background() -> Any:
    """The root of every tree of contexts: never ends, has no values. Go: `context.Background`."""
    return BACKGROUND


def todo() -> Any:
    """As `background`, where it is not clear yet which context to use. Go: `context.TODO`."""
    return TODO


def with_cancel(parent: Any) -> CancelContext:
    """A context that ends when it is cancelled or when `parent` ends. Go: `context.WithCancel`.

    Cancel it as soon as the work is done, best by `with`: until then its parent holds it. Raises
    `Panic("cannot create context from nil parent")` for None.

    >>> with with_cancel(background()) as ctx:
    ...     ctx.cancel(ValueError("no such page"))
    ...     ctx.err(), cause(ctx)
    (Canceled('context canceled'), ValueError('no such page'))
    """
    if not isinstance(parent, Link):
        check_parent(parent)
    c = new_context(parent)
    propagate(c, parent)
    return c


def with_deadline_at(parent: Any, when: float, why: Any) -> CancelContext:
    """What `with_deadline` and its relatives do, their arguments checked."""
    check_parent(parent)
    if why is not None and not isinstance(why, BaseException):
        raise TypeError(f"the cause of a deadline is an exception or None, not {type(why).__name__}")
    earlier = parent.deadline()
    c = new_context(parent)
    if earlier is not None and earlier < when:
        propagate(c, parent)
        return c
    c.timed = True
    c.when = when
    propagate(c, parent)
    if when <= TIMERS.now():
        c.end(EXCEEDED, None, why, snapshot())
        unhook = c.take_unhook()
        if unhook is not None:
            unhook()
    elif when != NEVER:
        c.arm(when, why)
    return c


def with_value(parent: Any, key: Any, value: Any) -> Any:
    """`parent` with `value` for `key`. Go: `context.WithValue`.

    Keys are best objects or types of one's own, so that two modules cannot mean the same one. Raises
    `Panic("nil key")` for None, `Panic("key is not comparable")` for a key without a hash.
    """
    check_parent(parent)
    if key is None:
        raise Panic("nil key")
    try:
        hash(key)
    except TypeError:
        raise Panic("key is not comparable") from None
    return ValueContext(parent, key, value)


def without_cancel(parent: Any) -> Any:
    """A context with the values of `parent` that does not end when `parent` does. Go: `context.WithoutCancel`."""
    check_parent(parent)
    return UncancelledContext(parent)


def after_func(ctx: Any, fn: Any) -> Any:
    """Calls `fn()` in a goroutine of its own once `ctx` has ended, at once if it has. Go: `context.AfterFunc`.

    Returns `stop`: `stop()` is true if it has kept `fn` from being called, false if `fn` has been started or was
    stopped before. The goroutine has a copy of the caller's `contextvars`, and is the caller's as one that `go` starts;
    it begins after the call, and after the end of `ctx`. Raises TypeError when `fn` cannot be called.
    """
    check_parent(ctx)
    if not callable(fn):
        raise TypeError(f"after_func: {fn!r} is not callable")
    source = lineage.cancellable(ctx)
    private = source is None or not isinstance(source, CancelContext)
    owner: CancelContext = with_cancel(ctx) if private else source
    registration = Registration(fn, owner, private)
    if not owner.adopt(registration):
        if HOOKS.on:
            HOOKS.tool.acquire(owner.clock)
        registration.start(owner.clock)
    return registration.stop


def cause(ctx: Any) -> Any:
    """Why `ctx` has ended: the cause given to the first cancellation, else what `err()` says; None: it has not.

    Go: `context.Cause`.
    """
    check_parent(ctx)
    error = ctx.err()
    if error is not None:
        ours = ctx.value(INNERMOST)
        if isinstance(ours, CancelContext):
            c: CancelContext = ours
            if c.code and c.why is not None:
                return c.why
    return error


BACKGROUND = RootContext("context.Background")
TODO = RootContext("context.TODO")
