"""gofer.signal, in programs of their own and in this one."""

from __future__ import annotations

import os
import signal as python_signal
import threading

import pytest

import gofer
from gofer import Chan, Panic, context, go, recv, runtime, select, signal
from gofer.context import Canceled
from tests import programs

USR1, USR2 = python_signal.SIGUSR1, python_signal.SIGUSR2


@pytest.fixture(autouse=True)
def _restored():
    before = {number: python_signal.getsignal(number) for number in (USR1, USR2)}
    yield
    signal.reset(USR1, USR2)
    assert {number: python_signal.getsignal(number) for number in (USR1, USR2)} == before


def kill(number: int) -> None:
    os.kill(os.getpid(), number)


def test_each_channel_gets_the_signals_it_wants() -> None:
    def main() -> None:
        one: Chan[python_signal.Signals] = Chan(2)
        both: Chan[python_signal.Signals] = Chan(2)
        signal.notify(one, USR1)
        signal.notify(both.sender, USR1, USR2)
        signal.notify(both, USR1)
        kill(USR1)
        assert (one.recv(), both.recv()) == (USR1, USR1)
        kill(USR2)
        assert both.recv() is USR2
        signal.stop(one)
        kill(USR1)
        assert both.recv() is USR1
        signal.stop(both)
        assert (len(one), len(both)) == (0, 0)

    gofer.run(main)


def test_what_does_not_fit_is_dropped() -> None:
    def main() -> None:
        full: Chan[int] = Chan(1)
        closed: Chan[int] = Chan(1)
        seen: Chan[int] = Chan(10)
        closed.close()
        for ch in (full, closed, seen):
            signal.notify(ch, USR1)
        for _ in range(3):
            kill(USR1)
            seen.recv()
        assert len(full) == 1
        for ch in (full, closed, seen):
            signal.stop(ch)

    gofer.run(main)


def test_a_stopped_channel_gets_what_had_come() -> None:
    def main() -> None:
        ch: Chan[int] = Chan(1)
        signal.notify(ch, USR1)
        kill(USR1)
        signal.stop(ch)
        assert ch.recv() == USR1

    gofer.run(main)


def test_handlers_are_restored() -> None:
    called: list[int] = []
    before = python_signal.signal(USR1, lambda number, frame: called.append(number))
    try:
        ch: Chan[int] = Chan(1)
        signal.notify(ch, USR1)
        kill(USR1)
        gofer.run(ch.recv)
        assert called == []
        signal.stop(ch)
        kill(USR1)
        assert called == [USR1]
        signal.ignore(USR1)
        assert signal.ignored(USR1)
        kill(USR1)
        signal.reset(USR1)
        kill(USR1)
        assert called == [USR1, USR1]
        assert not signal.ignored(USR1)
    finally:
        python_signal.signal(USR1, before)


def test_stopped_by_another_thread_the_old_handler_acts() -> None:
    called: list[int] = []
    before = python_signal.signal(USR1, lambda number, frame: called.append(number))
    try:
        ch: Chan[int] = Chan(1)
        signal.notify(ch, USR1)
        thread = threading.Thread(target=signal.stop, args=(ch,))
        thread.start()
        thread.join()
        kill(USR1)
        assert (called, len(ch)) == ([USR1], 0)
        signal.reset(USR1)
    finally:
        python_signal.signal(USR1, before)


def test_misuse() -> None:
    ch: Chan[int] = Chan(1)
    with pytest.raises(Panic, match=r"^os/signal: Notify using nil channel$"):
        signal.notify(None, USR1)  # type: ignore[arg-type]
    for number in (python_signal.SIGKILL, 0, 1000):
        with pytest.raises(ValueError, match="cannot be caught"):
            signal.notify(ch, number)
    with pytest.raises(TypeError, match="SIGUSR1"):
        signal.notify(ch, "SIGUSR1")  # type: ignore[arg-type]


@pytest.mark.parametrize("procs", [1, 3])
def test_from_any_goroutine_and_thread(procs: int) -> None:
    before = runtime.gomaxprocs(procs)

    def main() -> None:
        ch: Chan[python_signal.Signals] = Chan(2)
        done: Chan[bool] = Chan()

        def elsewhere() -> None:
            signal.notify(ch, USR1)
            done.send(True)

        def start() -> None:
            go(elsewhere)  # on the background worker, unless another one steals it

        for body in (elsewhere, start):
            threading.Thread(target=body).start()
            assert done.recv()
            kill(USR1)
            assert ch.recv() is USR1
            signal.stop(ch)
        threading.Thread(target=lambda: (signal.ignore(USR2), done.send(True))).start()
        assert done.recv()
        assert signal.ignored(USR2)
        signal.reset(USR2)

    try:
        gofer.run(main)
    finally:
        runtime.gomaxprocs(before)


@pytest.mark.parametrize("function", ["notify", "ignore"])
def test_a_main_thread_that_runs_no_goroutine(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "_PATIENCE", 0.01)
    gofer.run(int)
    errors: list[str] = []

    def elsewhere() -> None:
        try:
            signal.notify(Chan(1), USR1) if function == "notify" else signal.ignore(USR1)
        except RuntimeError as error:
            errors.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    reason = "only the main thread can set a handler, and it runs no goroutines now"
    assert errors == [f"signal.{function}: {reason}: call it for this signal in the main thread first"]
    runtime.gosched()
    assert python_signal.getsignal(USR1) is python_signal.SIG_DFL


def test_a_main_thread_without_gofer() -> None:
    text = """
import signal as python_signal, threading
def elsewhere():
    from gofer import Chan, signal
    try:
        signal.notify(Chan(1), python_signal.SIGUSR1)
    except RuntimeError as error:
        print(error)
thread = threading.Thread(target=elsewhere)
thread.start()
thread.join()
"""
    done = programs.run_text(text, "plain")
    assert done.out == (
        "signal.notify: only the main thread can set a handler, and it has not used gofer: "
        "call it for this signal in the main thread first\n"
    )


def test_notify_context() -> None:
    def main() -> None:
        with signal.notify_context(context.background(), USR1, USR2) as ctx:
            expected = "signal.NotifyContext(context.Background, [user defined signal 1 user defined signal 2])"
            assert str(ctx) == expected
            child = context.with_cancel(ctx)
            kill(USR2)
            child.done().recv()
            assert isinstance(ctx.err(), Canceled)
            cause = context.cause(child)
            assert isinstance(cause, Canceled)
            assert str(cause) == "user defined signal 2 signal received"
        with context.with_cancel(context.background()) as parent:
            ctx = signal.notify_context(parent, USR1)
            assert ctx.err() is None
            parent.cancel()
            ctx.done().recv()
            ctx.stop()
            assert select(recv(ctx.done()), default=True).index == 0
        with signal.notify_context(context.background(), USR1) as ctx:
            ctx.cancel(KeyError("enough"))
            assert isinstance(context.cause(ctx), KeyError)
            assert python_signal.getsignal(USR1) is python_signal.SIG_DFL

    gofer.run(main)


WAITING = """
import signal as python_signal
import gofer
from gofer import signal
ch = gofer.Chan(1)
signal.notify(ch, python_signal.SIGTERM, python_signal.SIGINT)
print("up", flush=True)
print("got", ch.recv().name, flush=True)
signal.stop(ch)
try:
    gofer.Chan().recv()
except gofer.DeadlockError as error:
    print(error)
"""


@pytest.mark.parametrize("number", [python_signal.SIGTERM, python_signal.SIGINT])
@pytest.mark.parametrize("command", [("-m", "gofer", "run"), ()], ids=["gofer", "plain"])
@pytest.mark.parametrize("procs", ["1", "3"])
def test_an_idle_program_is_no_deadlock_and_wakes(tmp_path, command, number, procs: str) -> None:
    path = tmp_path / "main.py"
    path.write_text(WAITING)
    process = programs.start(*command, str(path), GOMAXPROCS=procs)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(number)
    done = programs.finish(process)
    assert (done.out, done.err, done.status) == (
        f"got {number.name}\nall goroutines are asleep - deadlock!\n",
        "",
        0,
    )


def test_the_default_is_restored() -> None:
    text = """
import os, signal as python_signal
import gofer
from gofer import context, signal
with signal.notify_context(context.background(), python_signal.SIGTERM) as ctx:
    os.kill(os.getpid(), python_signal.SIGTERM)
    ctx.done().recv()
    print(context.cause(ctx), flush=True)
os.kill(os.getpid(), python_signal.SIGTERM)
print("never")
"""
    done = programs.run_text(text)
    assert (done.out, done.status) == ("terminated signal received\n", -python_signal.SIGTERM)
