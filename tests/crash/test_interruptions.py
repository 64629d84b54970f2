"""Ctrl-C, and what the handler of a signal raises, is the main goroutine's: the others finish their work."""

from __future__ import annotations

import textwrap

import pytest

from tests import programs

# `finish` ends the goroutines' work, and says whether all of them did it. A signal comes while both of them work.
WORKERS = """
import os, signal, sys, threading, time as clock
import gofer
from gofer import Chan, go, recv, runtime, select, sync, time

let_go = []
finished = Chan(2)

def computes():
    while not let_go:
        pass
    finished.send(None)

def calls():
    while not let_go:
        sum(range(1000))
    finished.send(None)

def blocks():
    reads, writes = pipe
    os.read(reads, 1)
    finished.send(None)

pipe = os.pipe()

def finish():
    let_go.append(None)
    os.write(pipe[1], b"xx")
    finished.recv()
    finished.recv()
    print("all finished")

def begin(work, number=signal.SIGINT):
    def send():
        while len(begun) < 1:
            clock.sleep(0.001)
        os.kill(os.getpid(), number)
    begun = []
    def first():
        begun.append(None)
        work()
    threading.Thread(target=send, daemon=True).start()
    go(first)
    go(work)

def never():
    lock = sync.Mutex()
    lock.lock()
    return lock
"""

WAITS = {
    "receive": "Chan().recv()",
    "select": "select(recv(Chan()), recv(Chan()))",
    "sleep": "time.sleep(100)",
    "group": "group = sync.WaitGroup(); group.add(1); group.wait()",
    "mutex": "never().lock()",
    "reader": "lock = sync.RWMutex(); lock.lock(); lock.rlock()",
    "cond": "sync.Cond(never()).wait()",
    "gives way": "while True: runtime.gosched()",
    "outside": "gofer.blocking(clock.sleep, 100)",
}


def run(text: str, *options: str, **changes: str) -> programs.Done:
    return programs.run_text(WORKERS + textwrap.dedent(text), *options, GOMAXPROCS="1", **changes)


def interrupted(work: str, wait: str, **changes: str) -> None:
    done = run(
        f"""
        begin({work})
        try:
            {wait}
        except KeyboardInterrupt:
            print("main")
            finish()
        """,
        **changes,
    )
    assert (done.status, done.out, done.err) == (0, "main\nall finished\n", "")


@pytest.mark.parametrize("wait", WAITS.values(), ids=WAITS)
def test_ctrl_c_reaches_main_where_it_waits(wait: str) -> None:
    interrupted("computes", wait)


@pytest.mark.parametrize("preempt", ["0", "1"])
@pytest.mark.parametrize("work", ["computes", "calls", "blocks"])
def test_ctrl_c_whatever_the_others_do(work: str, preempt: str) -> None:
    interrupted(work, WAITS["group"], GOFER_PREEMPT=preempt)


def test_ctrl_c_reaches_main_of_a_run() -> None:
    done = run(
        """
        def main():
            begin(computes)
            try:
                Chan().recv()
            except KeyboardInterrupt:
                print("main")
                finish()

        gofer.run(main)
        """
    )
    assert (done.status, done.out, done.err) == (0, "main\nall finished\n", "")


def test_ctrl_c_where_main_computes_itself_or_is_in_a_call() -> None:
    done = run(
        """
        def tell():
            os.kill(os.getpid(), signal.SIGINT)

        for wait in (lambda: clock.sleep(100), threading.Event().wait):
            threading.Timer(0.05, tell).start()
            try:
                wait()
            except KeyboardInterrupt:
                print("main")
        """
    )
    assert (done.status, done.out, done.err) == (0, "main\nmain\n", "")


@pytest.mark.parametrize("options", [(), ("plain",)], ids=["gofer", "plain"])
def test_ctrl_c_after_main_has_left_by_goexit(options: tuple[str, ...]) -> None:
    done = run("begin(computes)\nruntime.goexit()\n", *options)
    assert done.status == 130


RAISES = """
class Late(Exception):
    pass

def handler(number, frame):
    raise Late(f"signal {number}") from None

SET
begin(computes, signal.SIGTERM)
try:
    WAIT
except Late as error:
    print(error, error.__context__)
    finish()
"""


@pytest.mark.parametrize(
    "setting",
    [
        "signal.signal(signal.SIGTERM, handler)",
        "from signal import signal as renamed; renamed(signal.SIGTERM, handler)",
    ],
)
@pytest.mark.parametrize("wait", ["receive", "gives way"])
def test_what_a_handler_raises_is_mains(setting: str, wait: str) -> None:
    done = run(RAISES.replace("SET", setting).replace("WAIT", WAITS[wait]))
    assert (done.status, done.out, done.err) == (0, "signal 15 None\nall finished\n", "")


def test_a_handler_that_was_there_before_gofer() -> None:
    text = """
        import os, signal
        from signal import getsignal, signal as set_it

        def handler(number, frame):
            raise LookupError("mine")

        set_it(signal.SIGTERM, handler)
        import gofer
        assert getsignal(signal.SIGTERM) is handler
        assert set_it(signal.SIGTERM, signal.SIG_DFL) is handler
        assert set_it(signal.SIGTERM, handler) is signal.SIG_DFL
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler

        def tell():
            os.kill(os.getpid(), signal.SIGTERM)
            print("told", flush=True)

        gofer.go(tell)
        try:
            gofer.Chan().recv()
        except LookupError as error:
            print(error)
    """
    done = programs.run_text(textwrap.dedent(text), "plain")
    assert (done.status, done.out, done.err) == (0, "told\nmine\n", "")


def test_a_handler_runs_as_main_whoever_runs() -> None:
    done = run(
        """
        import contextvars
        name = contextvars.ContextVar("name", default="nobody's")
        seen = []

        def handler(number, frame):
            seen.append((runtime.goid(), name.get(), sys.exception()))
            name.set("the handler's")

        signal.signal(signal.SIGTERM, handler)
        name.set("main's")

        def busy():
            name.set("the goroutine's")
            try:
                raise ValueError
            except ValueError:
                os.kill(os.getpid(), signal.SIGTERM)
                while not seen:
                    pass
            finished.send((runtime.goid(), name.get()))

        go(busy)
        print(finished.recv(), seen[0][:2], name.get())
        """
    )
    assert (done.status, done.err) == (0, "")
    assert done.out == '(2, "the goroutine\'s") (1, "main\'s") the handler\'s\n'


def test_what_the_goroutine_handled_is_no_context_of_it() -> None:
    done = run(
        """
        def handler(number, frame):
            raise LookupError("mine")

        signal.signal(signal.SIGTERM, handler)

        def busy():
            try:
                raise ValueError("not main's")
            except ValueError:
                os.kill(os.getpid(), signal.SIGTERM)
                while not let_go:
                    pass
            finished.send(None)

        go(busy)
        try:
            finished.recv()
        except LookupError as error:
            print(error, error.__context__)
            let_go.append(None)
        finished.recv()
        """
    )
    assert (done.status, done.out, done.err) == (0, "mine None\n", "")


def test_a_handler_may_wait() -> None:
    done = run(
        """
        asked, answered = Chan(), Chan()

        def handler(number, frame):
            asked.send("question")
            print(answered.recv())
            finished.send(None)

        signal.signal(signal.SIGTERM, handler)

        def answers():
            answered.send(asked.recv() + " and answer")

        go(answers)
        go(lambda: os.kill(os.getpid(), signal.SIGTERM))
        finished.recv()
        """
    )
    assert (done.status, done.out, done.err) == (0, "question and answer\n", "")


def test_several_signals_are_raised_one_after_another() -> None:
    done = run(
        """
        def handler(number, frame):
            raise LookupError(number)

        signal.signal(signal.SIGTERM, handler)
        signal.signal(signal.SIGUSR1, handler)

        def tell():
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGUSR1)

        go(tell)
        try:
            try:
                Chan().recv()
            except LookupError:
                Chan().recv()
        except LookupError as second:
            print(sorted([second.args[0], second.__context__.args[0]]) == sorted([signal.SIGTERM, signal.SIGUSR1]))
        """
    )
    assert (done.status, done.out, done.err) == (0, "True\n", "")


MAY_WAKE = {
    "send": ("stop.send(1)", "stop.recv()"),
    "close": ("stop.close()", "stop.recv()"),
    "go": ("go(stop.send, 1)", "stop.recv()"),
    "unlock": ("mutex.unlock()", "mutex.lock(); mutex.lock()"),
}


@pytest.mark.parametrize("action", MAY_WAKE)
def test_while_a_handler_may_wake_somebody_nothing_is_deadlocked(action: str) -> None:
    does, waits = MAY_WAKE[action]
    done = run(
        f"""
        stop, mutex = Chan(1), sync.Mutex()
        signal.signal(signal.SIGALRM, lambda number, frame: {does})
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        {waits}
        print("woken")
        """
    )
    assert (done.status, done.out, done.err) == (0, "woken\n", "")


def test_who_asks_whether_a_handler_may_wake_somebody_imports_nothing() -> None:
    done = run(
        """
        from gofer._core.sched import handlers
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        before = set(sys.modules)
        print(handlers.may_wake(), set(sys.modules) - before)
        """
    )
    assert (done.out, done.err) == ("True set()\n", "")


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        "signal.signal(signal.SIGTERM, signal.SIG_DFL)",
        "signal.signal(signal.SIGINT, signal.default_int_handler)",
        "import faulthandler; faulthandler.register(signal.SIGUSR1)",
        "signal.signal(signal.SIGTERM, print); signal.signal(signal.SIGTERM, signal.SIG_DFL)",
    ],
)
def test_handlers_that_wake_nobody_hide_no_deadlock(setting: str) -> None:
    done = run(f"{setting}\nChan().recv()\n")
    assert done.status == 2
    assert "all goroutines are asleep" in done.err


def test_a_handler_for_a_signal_that_cannot_come_hides_no_deadlock() -> None:
    text = """
        import signal
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
        import gofer
        signal.signal(signal.SIGTERM, lambda number, frame: None)
        gofer.Chan().recv()
    """
    done = programs.run_text(textwrap.dedent(text), "plain")
    assert done.status == 2
    assert "all goroutines are asleep" in done.err
