"""What a destructor or a function of `atexit` does with gofer while the interpreter ends: no hang, no crash."""

from __future__ import annotations

import sys
import textwrap

import pytest

from tests import programs

SETTING = """
import atexit, os, sys, threading
import gofer
from gofer import Chan, context, go, recv, runtime, select, sync, time

def say(words):
    os.write(1, words.encode() + b"\\n")

def received():
    ch = Chan()
    go(ch.send, 1)
    return ch.recv()

def waited():
    group = sync.WaitGroup()
    group.go(int)
    group.wait()

def locked():
    mutex = sync.Mutex()
    mutex.lock()
    go(mutex.unlock)
    mutex.lock()

def fired():
    ch = Chan()
    time.after_func(0.001, ch.close)
    ch.recv()

class Late:
    def __del__(self):
        try:
            use()
        except BaseException as error:
            say(type(error).__name__)
        else:
            say("done")

def others():
    "Parked, sleeping and runnable ones, on several workers."
    for _ in range(3):
        go(Chan().recv)
        go(time.sleep, 100)
    runtime.gosched()
    go(say, "never")
"""

USES = {
    "go": "go(int)",
    "receive": "received()",
    "wait": "waited()",
    "sleep": "time.sleep(0.01)",
    "lock": "locked()",
    "timer": "fired()",
    "give way": "runtime.gosched()",
    "select": "select(recv(time.after(0.001)))",
    "outside": "gofer.blocking(int)",
    "forever": "Chan().recv()",
    "run": "gofer.run(received)",
    "context": "context.with_timeout(context.background(), 0.001).done().recv()",
}


def run(use: str, text: str, *options: str, **changes: str) -> programs.Done:
    program = SETTING + f"\ndef use():\n    {use}\n\n" + textwrap.dedent(text)
    return programs.run_text(program, *options, **changes)


@pytest.mark.parametrize("workers", ["1", "3"])
@pytest.mark.parametrize("use", USES)
def test_a_destructor_when_modules_are_gone(use: str, workers: str) -> None:
    done = run(USES[use], 'others()\nsys.modules["late"] = Late()\n', GOMAXPROCS=workers)
    assert done.status == 0, done.err
    assert done.out.replace("never\n", "") in ("RuntimeError\n", "done\n")
    assert "never" not in done.out or workers != "1"


def test_a_destructor_where_the_main_thread_has_not_used_gofer() -> None:
    done = run("received()", 'sys.modules["late"] = Late()\n', "plain")
    assert (done.status, done.out) == (0, "RuntimeError\n"), done.err


@pytest.mark.parametrize("use", ["receive", "wait", "sleep", "lock", "timer", "give way", "select", "run"])
def test_a_function_of_atexit(use: str) -> None:
    done = run(USES[use], 'atexit.register(lambda: (use(), say("done")))\n')
    assert (done.status, done.out, done.err) == (0, "done\n", "")


@pytest.mark.parametrize("use", ["receive", "wait", "sleep", "lock", "timer"])
def test_a_destructor_in_a_function_of_atexit(use: str) -> None:
    done = run(USES[use], "late = [Late()]\natexit.register(late.clear)\n")
    assert (done.status, done.out, done.err) == (0, "done\n", "")


@pytest.mark.skipif(sys.version_info[:2] == (3, 12), reason="no worker can be started for it any more")
@pytest.mark.parametrize("use", ["receive", "wait", "sleep", "lock", "timer"])
def test_a_thread_that_goes_on_after_main(use: str) -> None:
    text = """
        def thread():
            threading.main_thread().join()
            Late()

        threading.Thread(target=thread).start()
    """
    done = run(USES[use], text)
    assert (done.status, done.out, done.err) == (0, "done\n", "")


def test_it_says_why_nothing_can_start() -> None:
    text = """
        class Told:
            def __del__(self):
                go(int)

        sys.modules["late"] = Told()
    """
    done = run("pass", text)
    assert done.status == 0
    assert "RuntimeError: gofer: the interpreter ends, so no goroutine can start or wait any more" in done.err
