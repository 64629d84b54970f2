"""Signals of the operating system on channels. Go: the package `os/signal`.

Python runs signal handlers on the main thread, between two instructions, wherever that is; so the handler only passes
the number on to a thread, which sends it to the channels that want it, never waiting. While any channel wants signals,
goroutines that all wait are not deadlocked: a signal may wake them.

Only the main thread can set handlers. `notify` for a signal that no channel has wanted so far, `ignore`, and `reset` of
what is ignored are therefore done there: called elsewhere they wait until its worker is free. `stop` never does.
"""

from __future__ import annotations

import os
import signal as _signal
import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType
from typing import Any, Self

from gofer._core.chan.chan import Chan
from gofer._core.chan.select import chan_of, recv, select, send
from gofer._core.chan.views import SendChan
from gofer._core.context.context import with_cancel
from gofer._core.context.interfaces import Context
from gofer._core.machine.errors import Canceled, ClosedChannelError, Panic
from gofer._core.sched import scheduler, spawn, wakeup

__all__ = ["NotifyContext", "SignalError", "ignore", "ignored", "notify", "notify_context", "reset", "stop"]

# Not caught unless asked for by name: faults, which would happen again at once, and what the runtime may use itself.
_NEVER_IMPLIED = {"SIGSEGV", "SIGFPE", "SIGILL", "SIGBUS", "SIGABRT", "SIGTRAP", "SIGSYS", "SIGURG", "SIGPROF"}
_PATIENCE = 10.0  # seconds that a thread waits for the main one, which may have left gofer for good
_UNCATCHABLE = {_signal.SIGKILL, _signal.SIGSTOP}


class SignalError(Canceled):
    """Why a context of `notify_context` has ended: `terminated signal received`. Go: the same text."""


class _Relay:
    """Who wants which signals. `lock` protects it; the handler, on the main thread, only looks.

    `wanted` has the channels of each signal, `stopping` those that get what had come when they were stopped, `previous`
    the handlers to be restored.
    """

    def __init__(self) -> None:
        self.previous: dict[int, Any] = {}
        self.reset()

    def reset(self) -> None:
        """As new: at import, and in the child of a fork."""
        self.lock = threading.Lock()
        self.wanted: dict[int, list[Any]] = {}
        self.stopping: list[tuple[int, Any]] = []
        self.arrived: SimpleQueue[int | threading.Event] = SimpleQueue()
        self.thread: threading.Thread | None = None

    def handle(self, number: int, frame: FrameType | None) -> None:
        """The handler."""
        if self.wanted.get(number):
            self.arrived.put(number)
            return
        previous = self.previous.get(number)
        if callable(previous):
            previous(number, frame)
        elif previous == _signal.SIG_DFL:
            _signal.signal(number, _signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def serve(self) -> None:
        """The life of the thread."""
        while True:
            what = self.arrived.get()
            if isinstance(what, threading.Event):
                what.set()
                continue
            value = _named(what)
            with self.lock:
                channels = [*self.wanted.get(what, ()), *(chan for number, chan in self.stopping if number == what)]
                for chan in channels:
                    try:
                        select(send(chan, value), default=True)
                    except ClosedChannelError:
                        continue  # who has closed it wants no more

    def settle(self) -> None:
        """Waits until everything that has come so far has been sent on."""
        with self.lock:
            running = self.thread is not None
        if running:
            passed = threading.Event()
            self.arrived.put(passed)
            passed.wait()

    def add(self, chan: Any, numbers: list[int]) -> None:
        """A channel wants these signals."""
        if all(_signal.getsignal(number) == self.handle for number in numbers):
            self.enter(chan, numbers)
        else:
            _on_main_thread("notify", lambda: self.enter(chan, numbers))

    def enter(self, chan: Any, numbers: list[int]) -> None:
        """The same, where handlers can be set if they have to."""
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self.serve, name="gofer-signals", daemon=True)
                self.thread.gofer_helper = True  # type: ignore[attr-defined]  # it hides no deadlock
                self.thread.start()
            for number in numbers:
                self.install(number)
            for number in numbers:
                channels = self.wanted.get(number, [])
                if chan not in channels:
                    self.want(number, [*channels, chan])

    def install(self, number: int) -> None:
        """Has `handle` called for a signal; in the lock."""
        if _signal.getsignal(number) != self.handle:
            self.previous.setdefault(number, _signal.signal(number, self.handle))

    def want(self, number: int, channels: list[Any]) -> None:
        """Changes who wants a signal, and whether anything outside can wake a goroutine; in the lock."""
        before = bool(self.wanted)
        if channels:
            self.wanted[number] = channels
        else:
            self.wanted.pop(number, None)
        if bool(self.wanted) != before:
            wakeup.count_outside(-1 if before else 1)

    def remove(self, chan: Any) -> None:
        """No more signals for a channel but those that have come."""
        with self.lock:
            numbers = [number for number, channels in self.wanted.items() if chan in channels]
            self.stopping += [(number, chan) for number in numbers]
            for number in numbers:
                self.want(number, [other for other in self.wanted[number] if other is not chan])
        self.settle()
        with self.lock:
            self.stopping = [entry for entry in self.stopping if entry[1] is not chan]
            for number in numbers:
                if number not in self.wanted:
                    self.restore(number)

    def forget(self, numbers: list[int]) -> None:
        """No channel wants these signals."""
        with self.lock:
            for number in numbers:
                self.want(number, [])
                self.restore(number)

    def ignore(self, numbers: list[int]) -> None:
        """Has these signals do nothing; on the main thread."""
        self.forget(numbers)
        for number in numbers:
            before = _signal.signal(number, _signal.SIG_IGN)
            if before != _signal.SIG_IGN:
                self.previous.setdefault(number, before)

    def restore(self, number: int) -> None:
        """The handler that was there before; off the main thread, `handle` stands for it. In the lock."""
        if number in self.previous and threading.current_thread() is threading.main_thread():
            previous = self.previous.pop(number)
            if _signal.getsignal(number) in (self.handle, _signal.SIG_IGN):
                _signal.signal(number, _signal.SIG_DFL if previous is None else previous)


def notify(ch: Chan[Any] | SendChan[Any], *signals: int) -> None:
    """Sends on `ch` each of these signals that comes, as `signal.Signals`; without any, all there are.

    Nothing waits for the channel: what does not fit is dropped, so give it room, 1 for one kind of signal. May be
    called again for more signals or channels; each channel gets its own. Go: `signal.Notify`.

    Called for a signal for the first time, and not on the main thread, it blocks until that one's worker is free.

    Raises ValueError for a signal that cannot be caught, TypeError for what is none, `Panic` for a channel of None, and
    RuntimeError where the main thread is needed and has not used gofer, or runs no goroutine for 10 seconds while
    another thread waits for it: call it in the main thread first, then.
    """
    if ch is None:
        raise Panic("os/signal: Notify using nil channel")
    _RELAY.add(chan_of(ch, "send"), _numbers(signals))


def stop(ch: Chan[Any] | SendChan[Any]) -> None:
    """No more signals for `ch`; what no other channel wants does again what it did before. Go: `signal.Stop`."""
    _RELAY.remove(chan_of(ch, "send"))


def reset(*signals: int) -> None:
    """Undoes `notify` and `ignore` for these signals, without any for all. Go: `signal.Reset`.

    Where one of them is ignored it waits and raises as `notify` does.
    """
    numbers = _numbers(signals)
    if any(number in _RELAY.previous and ignored(number) for number in numbers):
        _on_main_thread("reset", lambda: _RELAY.forget(numbers))
    else:
        _RELAY.forget(numbers)


def ignore(*signals: int) -> None:
    """Has these signals do nothing, without any: all; channels do not get them any more. Go: `signal.Ignore`.

    Waits and raises as `notify` does.
    """
    numbers = _numbers(signals)
    _on_main_thread("ignore", lambda: _RELAY.ignore(numbers))


def ignored(sig: int) -> bool:
    """True if a signal does nothing now. Go: `signal.Ignored`."""
    return _signal.getsignal(sig) == _signal.SIG_IGN


class NotifyContext:
    """A context that ends when a signal comes; made by `notify_context`. To be cancelled as a `CancelContext` is, and a
    context manager that does so on leaving. Go: the context and the `stop` of `signal.NotifyContext`.
    """

    def __init__(self, parent: Context, signals: tuple[int, ...]) -> None:
        self._signals = signals
        self._inner = with_cancel(parent)
        self._arrived: Chan[Any] = Chan(1)
        try:
            notify(self._arrived, *signals)
        except BaseException:
            self._inner.cancel()
            raise
        if self._inner.err() is None:
            spawn.go(self._watch, (), None)

    def _watch(self) -> None:
        chosen = select(recv(self._arrived), recv(self._inner.done()))
        if chosen.index == 0:
            self._inner.cancel(SignalError(f"{_words(chosen.value)} signal received"))

    def cancel(self, cause: BaseException | None = None) -> None:
        """Ends it, unless it has ended, and has the signals do what they did before. As `CancelContext.cancel`.

        Go: the `stop`, with a cause.
        """
        self._inner.cancel(cause)
        stop(self._arrived)

    def stop(self) -> None:
        """`cancel()`. Go: the `stop` of `signal.NotifyContext`."""
        self.cancel()

    def deadline(self) -> float | None:
        """As `Context.deadline`."""
        return self._inner.deadline()

    def done(self) -> Any:
        """As `Context.done`."""
        return self._inner.done()

    def err(self) -> Exception | None:
        """As `Context.err`."""
        return self._inner.err()

    def value(self, key: Any) -> Any:
        """As `Context.value`."""
        return self._inner.value(key)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def __str__(self) -> str:
        names = " ".join(_words(number) for number in self._signals)
        return f"signal.NotifyContext({str(self._inner).removesuffix('.WithCancel')}{f', [{names}]' if names else ''})"


def notify_context(parent: Context, *signals: int) -> NotifyContext:
    """A context that ends when one of the signals comes, or `parent` ends, or it is stopped. Go: `NotifyContext`.

    The cause is then a `SignalError`. Further signals do nothing until `stop()`, or the end of its `with`, restores
    what they did before.

        with signal.notify_context(context.background(), SIGINT, SIGTERM) as ctx: ...
    """
    return NotifyContext(parent, signals)


def _numbers(signals: tuple[int, ...]) -> list[int]:
    if not signals:
        return sorted(
            int(s)
            for s in _signal.valid_signals()
            if s not in _UNCATCHABLE and getattr(_named(s), "name", "") not in _NEVER_IMPLIED
        )
    for number in signals:
        if isinstance(number, bool) or not isinstance(number, int):
            raise TypeError(f"a signal is a signal.Signals or its number, not {number!r}")
        if number in _UNCATCHABLE or number not in _signal.valid_signals():
            raise ValueError(f"signal {number!r} cannot be caught or ignored")
    return [int(number) for number in signals]


def _named(number: int) -> Any:
    try:
        return _signal.Signals(number)
    except ValueError:
        return number  # a real-time signal has no name


def _words(number: int) -> str:
    return (_signal.strsignal(number) or f"signal {int(number)}").lower()


def _on_main_thread(function: str, action: Callable[[], None]) -> None:
    """Does it on the main thread, and waits for that."""
    main = threading.main_thread()
    if threading.current_thread() is main:
        action()
        return
    errors: list[Exception] = []
    given_up: list[bool] = []
    in_goroutine = scheduler.current().id != 0
    done: Any = Chan() if in_goroutine else threading.Event()

    def act() -> None:
        try:
            if not given_up:
                action()
        except (OSError, ValueError) as error:  # what signal.signal raises
            errors.append(error)
        if in_goroutine:
            done.close()
        else:
            done.set()

    only = f"signal.{function}: only the main thread can set a handler, and it"
    remedy = "call it for this signal in the main thread first"
    if not spawn.go_main(act, ()):
        raise RuntimeError(f"{only} has not used gofer: {remedy}")
    if in_goroutine:
        done.recv()
    elif not done.wait(_PATIENCE):
        given_up.append(True)
        raise RuntimeError(f"{only} runs no goroutines now: {remedy}")
    if errors:
        raise errors[0]


_RELAY = _Relay()
os.register_at_fork(after_in_child=_RELAY.reset)
