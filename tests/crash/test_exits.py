"""A goroutine's `SystemExit` reaches main wherever that is, and its status is the program's."""

from __future__ import annotations

import textwrap

import pytest

from tests import programs

# A thread's goroutine runs on another worker, whatever main does; it ends the program once main is at it.
SETTING = """
import asyncio, atexit, os, queue, select, signal, socket, subprocess, sys, threading, time
import gofer
from gofer import Chan, go, runtime, sync

atexit.register(print, "atexit", flush=True)
at_it = threading.Event()

def leave(code):
    at_it.wait()
    sys.exit(code)

async def in_loop():
    at_it.set()
    await asyncio.sleep(100)

def leaves(code):
    thread = threading.Thread(target=go, args=(leave, code))
    thread.start()
    thread.join()
"""

CALLS = {
    "sleep": "time.sleep(100)",
    "event": "threading.Event().wait()",
    "queue": "queue.Queue().get()",
    "select": "select.select([], [], [], 100)",
    "asyncio": "asyncio.run(in_loop())",
    "join": "thread = threading.Thread(target=time.sleep, args=(100,), daemon=True); thread.start(); thread.join()",
    "socket": "pair = socket.socketpair(); pair[0].recv(1)",
    "process": "subprocess.run(['sleep', '100'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)",
    "lock": "lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "computing": "[None for _ in iter(int, 1)]",
    "channel": "Chan().recv()",
    "group": "group = sync.WaitGroup(); group.add(1); group.wait()",
    "giving way": "[runtime.gosched() for _ in iter(int, 1)]",
    "run": "gofer.run(time.sleep, 100)",
}


def run(text: str, *options: str, **changes: str) -> programs.Done:
    return programs.run_text(SETTING + textwrap.dedent(text), *options, **changes)


@pytest.mark.parametrize("options", [(), ("plain",)], ids=["gofer", "plain"])
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_it_reaches_main_in_whatever_call(call: str, options: tuple[str, ...]) -> None:
    done = run(
        f"""
        leaves(3)
        try:
            {call if "in_loop" in call else "at_it.set(); " + call}
        finally:
            print("finally")
        """,
        *options,
    )
    assert (done.status, done.out, done.err) == (3, "finally\natexit\n", "")


@pytest.mark.parametrize("options", [(), ("plain",)], ids=["gofer", "plain"])
@pytest.mark.parametrize(
    ("code", "status", "text"),
    [
        ("'words'", 1, "words\n"),
        ("None", 0, ""),
        ("0", 0, ""),
        ("True", 1, ""),
        ("259", 3, ""),
        ("(1, 2)", 1, "(1, 2)\n"),
    ],
)
def test_what_the_code_means(code: str, status: int, text: str, options: tuple[str, ...]) -> None:
    done = run(f"leaves({code})\nat_it.set()\ntime.sleep(100)\n", *options)
    assert (done.status, done.out, done.err) == (status, "atexit\n", text)


@pytest.mark.parametrize("options", [(), ("plain",)], ids=["gofer", "plain"])
@pytest.mark.parametrize("end", ["", "sys.exit(9)", "raise ValueError('main')"])
def test_it_is_not_lost_where_main_ends_by_itself(end: str, options: tuple[str, ...]) -> None:
    """Main does not bear SIGURG here, so it cannot be told before it ends."""
    done = run(
        f"""
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGURG])
        leaves("words")
        at_it.set()
        from gofer._core.sched import mail
        while not mail.EXITS:
            pass
        {end}
        """,
        *options,
        GOFER_PREEMPT="0",
    )
    if end.startswith("raise"):
        assert "ValueError: main" in done.err
        assert done.status == (1 if options else 2)
        return
    assert (done.status, done.out) == (1, "atexit\n")
    assert done.err == "words\n"


@pytest.mark.parametrize("call", ["time.sleep(100)", "Chan().recv()"])
def test_the_first_counts_and_the_cleaning_up_is_not_disturbed(call: str) -> None:
    done = run(
        f"""
        leaves(3)
        try:
            {call if "in_loop" in call else "at_it.set(); " + call}
        finally:
            leaves(4)
            leaves(5)
            time.sleep(0.3)
            gofer.time.sleep(0.1)
            print("cleaned up")
        """
    )
    assert (done.status, done.out, done.err) == (3, "cleaned up\natexit\n", "")


def test_main_may_catch_it_and_is_told_of_the_next() -> None:
    done = run(
        """
        leaves(3)
        for _ in range(2):
            try:
                at_it.set()
                Chan().recv()
            except SystemExit as error:
                print(error.code)
                leaves(4)
        sys.exit(7)
        """
    )
    assert (done.status, done.out, done.err) == (7, "3\n4\natexit\n", "")


def test_it_is_told_to_who_would_wait_for_ever_while_it_handles_another() -> None:
    done = run(
        """
        leaves(3)
        try:
            at_it.set()
            Chan().recv()
        except SystemExit:
            leaves(4)
            Chan().recv()
        """,
        GOMAXPROCS="1",
    )
    assert (done.status, done.out, done.err) == (4, "atexit\n", "")


def test_a_run_within_the_handling_of_an_exit_has_its_own() -> None:
    done = run(
        """
        at_it.set()
        def main():
            go(sys.exit, 4)
            Chan().recv()
        try:
            sys.exit(3)
        except SystemExit:
            gofer.run(main)
        """
    )
    assert (done.status, done.out, done.err) == (4, "atexit\n", "")


def test_where_the_main_thread_has_not_used_gofer() -> None:
    done = run("leaves(6)\nat_it.set()\nthreading.Event().wait()\n", "plain")
    assert (done.status, done.out, done.err) == (6, "atexit\n", "")


def test_it_is_not_swallowed_by_a_destructor() -> None:
    done = run(
        """
        class Slow:
            def __del__(self):
                for _ in range(10_000):
                    pass

        leaves(3)
        at_it.set()
        while True:
            Slow()
            for _ in range(10_000):
                pass
        """
    )
    assert (done.status, done.out, done.err) == (3, "atexit\n", "")


def test_main_of_a_run_in_another_thread_gets_it_at_the_end_of_its_call() -> None:
    done = run(
        """
        def main():
            leaves(3)
            at_it.set()
            while True:
                runtime.gosched()

        def thread():
            try:
                gofer.run(main)
            except SystemExit as error:
                print("run", error.code)

        running = threading.Thread(target=thread)
        running.start()
        running.join()
        """,
        "plain",
    )
    assert (done.status, done.out, done.err) == (0, "run 3\natexit\n", "")


def test_sigurg_is_still_the_programs() -> None:
    done = run(
        """
        came = []
        assert signal.getsignal(signal.SIGURG) == signal.SIG_DFL
        assert signal.signal(signal.SIGURG, lambda number, frame: came.append(number)) == signal.SIG_DFL
        signal.raise_signal(signal.SIGURG)
        assert came == [signal.SIGURG]
        assert signal.signal(signal.SIGURG, signal.SIG_IGN)
        signal.raise_signal(signal.SIGURG)
        assert came == [signal.SIGURG]
        leaves(3)
        at_it.set()
        time.sleep(100)
        """
    )
    assert (done.status, done.out, done.err) == (3, "atexit\n", "")
