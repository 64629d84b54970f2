"""The child of a fork is a program of its own: whoever forked is its main goroutine, whose end is the child's."""

from __future__ import annotations

import os
import textwrap

import pytest

from tests import programs

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")

SETTING = """
import atexit, os, signal, sys, threading, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 and later, where there are threads
import gofer
from gofer import Chan, go, runtime, sync

parent = os.getpid()
statuses = []

def forks():
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        return child()
    statuses.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

def ctrl_c():
    ready = Chan()
    def tell():
        ready.recv()
        os.kill(os.getpid(), signal.SIGINT)
        Chan().recv()
    threading.Thread(target=tell, daemon=True).start()
    ready.send(None)
"""

WHO = {
    "goroutine": "group = sync.WaitGroup(); group.go(forks); group.wait()",
    "timer": "done = Chan(); gofer.time.after_func(0, lambda: (forks(), done.close())); done.recv()",
    "thread": "thread = threading.Thread(target=forks); thread.start(); thread.join()",
    "blocking": "gofer.blocking(forks)",
    "executor": "with gofer.Executor() as executor: executor.submit(forks).result()",
    "errgroup": "from gofer import errgroup; group = errgroup.Group(); group.go(forks); group.wait()",
    "another worker": "runtime.gomaxprocs(3); go(forks); [time.sleep(0.001) for _ in iter(lambda: len(statuses), 1)]",
    "run": "gofer.run(forks)",
    "goroutine of a run": "gofer.run(lambda: (group := sync.WaitGroup(), group.go(forks), group.wait()))",
}

ENDS = {
    "status": ("sys.exit(7)", 7, ""),
    "text": ("sys.exit('words')", 1, "words\n"),
    "nothing": ("sys.exit()", 0, ""),
    "return": ("pass", 0, ""),
    "exception": ("raise ValueError('wrong')", 2, "panic: ValueError: wrong"),
    "deadlock": ("Chan().recv()", 2, "fatal error: all goroutines are asleep"),
    "another goroutine": ("go(sys.exit, 5); Chan().recv()", 5, ""),
    "ctrl-c": ("ctrl_c(); Chan().recv()", 130, ""),
}


def run(text: str, *options: str, **changes: str) -> programs.Done:
    return programs.run_text(SETTING + textwrap.dedent(text), *options, **changes)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("who", WHO)
def test_the_status_of_a_child(who: str, end: str) -> None:
    does, status, words = ENDS[end]
    done = run(
        f"""
        def child():
            {does}

        {WHO[who]}
        if os.getpid() == parent:
            print(statuses)
        """
    )
    assert (done.status, done.out) == (0, f"[{status}]\n"), done.err
    assert done.err.startswith(words)
    assert words or not done.err


@pytest.mark.parametrize("who", ["goroutine", "thread", "goroutine of a run"])
def test_children_of_children(who: str) -> None:
    done = run(
        f"""
        def child():
            def grandchild():
                pid = os.fork()
                if pid == 0:
                    sys.exit(3)
                sent.send(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            sent = Chan(1)
            go(grandchild)
            pid = os.fork()
            if pid == 0:
                sys.exit(4)
            sys.exit(10 * sent.recv() + os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

        {WHO[who]}
        print(statuses)
        """
    )
    assert (done.status, done.out, done.err) == (0, "[34]\n", "")


def test_a_child_waits_for_its_threads() -> None:
    done = run(
        f"""
        def child():
            threading.Thread(target=lambda: (time.sleep(0.1), os.write(1, b"thread\\n"))).start()

        {WHO["goroutine"]}
        print(statuses)
        """
    )
    assert (done.status, done.out, done.err) == (0, "thread\n[0]\n", "")


def test_mains_own_calls_go_on_in_the_child() -> None:
    done = run(
        """
        atexit.register(lambda: print("atexit", os.getpid() == parent, flush=True))

        def main():
            go(Chan().recv)
            pid = os.fork()
            if pid == 0:
                go(sent.send, "child")
                return sent.recv()
            statuses.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            return "parent"

        sent = Chan()
        try:
            print(gofer.run(main), flush=True)
            print(gofer.run(lambda: "again"), flush=True)
        finally:
            print("finally", statuses, flush=True)
        if os.getpid() != parent:
            sys.exit(6)
        """,
        "plain",
    )
    assert (done.status, done.err) == (0, "")
    one, two = "child\nagain\nfinally []\natexit False\n", "parent\nagain\nfinally [6]\natexit True\n"
    assert done.out == one + two


def test_what_was_pending_in_the_parent_is_not_the_childs() -> None:
    done = run(
        """
        def child():
            time.sleep(0.05)
            gofer.time.sleep(0.01)
            os._exit(0)

        def leave():
            from gofer._core.sched import mail
            mail.EXITS.append(SystemExit(9))  # as by a goroutine, at this moment
            forks()
            mail.EXITS.clear()

        leave()
        print(statuses)
        """
    )
    assert (done.status, done.out, done.err) == (0, "[0]\n", "")


def test_a_child_of_a_call_that_the_main_thread_is_just_starting() -> None:
    """The parent's main thread starts a thread while that forks: handlers wait there, but not in the child."""
    done = run(
        """
        def child():
            ctrl_c()
            Chan().recv()

        from gofer._core.sched import threads
        threads._starting.append(None)
        thread = threading.Thread(target=forks)
        thread.start()
        thread.join()
        threads._starting.clear()
        print(statuses)
        """
    )
    assert (done.status, done.out, done.err) == (0, "[130]\n", "")


PROCESSES = """
import multiprocessing, concurrent.futures, os, sys
import gofer
from gofer import Chan, go, sync

def answers():
    ch = Chan()
    go(ch.send, 42)
    return ch.recv()

def in_child():
    assert gofer.run(answers) == 42
    sys.exit(5)

def leaves():
    go(sys.exit, 6)
    Chan().recv()

def starts(target):
    process = multiprocessing.get_context("METHOD").Process(target=target)
    process.start()
    process.join()
    return process.exitcode

def main():
    sent = Chan(1)
    go(lambda: sent.send(starts(in_child)))
    print(sent.recv(), starts(in_child), starts(leaves))
    with concurrent.futures.ProcessPoolExecutor(1, multiprocessing.get_context("METHOD")) as pool:
        print(gofer.wait(pool.submit(gofer.run, answers)))

if __name__ == "__main__":
    gofer.run(main)
"""


# The second is what multiprocessing's own tracker says, now and then, of semaphores that are gone already.
QUIET = "ignore::DeprecationWarning,ignore::UserWarning:multiprocessing.resource_tracker"


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing_inside_a_run(method: str) -> None:
    done = programs.run_text(PROCESSES.replace("METHOD", method), "plain", PYTHONWARNINGS=QUIET)
    assert (done.status, done.out, done.err) == (0, "5 5 6\n42\n", "")
