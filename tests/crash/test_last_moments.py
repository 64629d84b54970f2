"""The interpreter's end: what gofer's threads still do then, and what they do no more."""

from __future__ import annotations

import sys

import pytest

from gofer._core.sched import scheduler
from tests import programs

# Python 3.12 starts no thread any more once the main program has ended; before and after it some still can be.
CAN_START = sys.version_info[:2] != (3, 12)

LATE = """
import atexit, sys, threading

def late():
    BODY
    print("late", flush=True)

atexit.register(late)  # before gofer is imported, so it is called after gofer's own

import gofer
from gofer import Chan, blocking, go, runtime, time
from gofer._core.sched.monitor import MONITOR
from gofer.sync import WaitGroup

def started():
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("gofer-")]

def in_a_thread(body):
    thread = threading.Thread(target=body, daemon=True)
    thread.start()
    return thread

go(int)
EARLY
print("end", flush=True)
"""


def run_late(body: str, early: str = "", **changes: str) -> programs.Done:
    text = LATE.replace("BODY", body.strip().replace("\n", "\n    ")).replace("EARLY", early)
    return programs.run("-c", text, **changes)


@pytest.mark.skipif(not CAN_START, reason="a blocking call needs a thread")
def test_the_main_thread_may_use_all_of_gofer() -> None:
    done = run_late(
        """
numbers = Chan()
for n in range(5):
    go(numbers.send, n)
print(sum(numbers.recv() for _ in range(5)), blocking(pow, 2, 5))
time.sleep(1e-3)
""",
        GOMAXPROCS="4",
    )
    assert (done.out, done.err, done.status) == ("end\n10 32\nlate\n", "", 0)


@pytest.mark.skipif(not CAN_START, reason="there is no other thread then")
@pytest.mark.parametrize("use", ["go(ran.append, 1)", "gofer.run(blocking, int)"])
def test_no_other_thread_starts_threads(use: str) -> None:
    """Who cannot do without sleeps, and keeps nobody from ending."""
    done = run_late(
        f"""
ran, told, before = [], threading.Event(), started()
def daemon():
    told.set()
    {use}
    ran.append("goes on")
thread = in_a_thread(daemon)
told.wait()
thread.join(0.2)
print(thread.is_alive(), ran, started() == before)
go(ran.append, "of main")
runtime.gosched()
""",
        GOMAXPROCS="1",
    )
    assert (done.out, done.err, done.status) == ("end\nTrue [] True\nlate\n", "", 0)


@pytest.mark.skipif(
    str(scheduler.__file__).endswith(".py") and sys.version_info < (3, 14),
    reason="uncompiled, workers stop before the interpreter ends",
)
@pytest.mark.skipif(not CAN_START, reason="there is no other thread then")
def test_the_workers_that_there_are_do_what_other_threads_start() -> None:
    done = run_late(
        """
numbers = Chan()
original, starters = threading.Thread.start, set()
def start(thread):
    starters.add(threading.current_thread())
    original(thread)
threading.Thread.start = start
in_a_thread(lambda: [go(numbers.send, n) for n in range(100)])
print(sum(numbers.recv() for _ in range(100)), starters == {threading.main_thread()})
""",
        "wg = WaitGroup(); wg.add(1); in_a_thread(lambda: go(wg.done)).join(); wg.wait()",
        GOMAXPROCS="8",
    )
    assert (done.out, done.err, done.status) == ("end\n4950 True\nlate\n", "", 0)


def test_the_monitor_looks_no_more() -> None:
    """In a round it stops other threads, and would leave them so if the interpreter ended then."""
    done = run_late(
        """
del rounds[:]
until = time.monotonic() + 0.2
while time.monotonic() < until:
    pass
print(rounds)
""",
        """
rounds = []
def spin():
    while not rounds:
        pass
MONITOR.attach(lambda worker, seconds: rounds.append(seconds))
MONITOR.start()
go(runtime.gosched)
go(spin)
go(runtime.gosched)
runtime.gosched()
go(runtime.gosched)
print(len(rounds) > 0)
""",
        GOMAXPROCS="1",
    )
    assert (done.out, done.err, done.status) == ("True\nend\n[]\nlate\n", "", 0)


@pytest.mark.skipif(not CAN_START, reason="there is no other thread then")
def test_what_is_for_main_starts_no_thread_any_more() -> None:
    done = run_late(
        """
from gofer._core.sched import interrupts
begun = []
def note(event, args):
    if event == "_thread.start_new_thread":
        begun.append(event)
sys.addaudithook(note)
in_a_thread(interrupts.hurry).join()
print(begun)
"""
    )
    assert (done.out, done.err, done.status) == ("end\n[]\nlate\n", "", 0)


def test_threads_that_start_others_while_the_interpreter_ends() -> None:
    """Workers, helpers and looks at other threads' frames, under way at each end."""
    text = """
import sys, threading
import gofer
from gofer import blocking, go
from gofer.sync import WaitGroup

def start():
    while True:
        group = WaitGroup()
        for _ in range(10):
            group.go(blocking, int)
        group.wait()

for _ in range(4):
    threading.Thread(target=gofer.go, args=(start,), daemon=True).start()
    go(start)
while threading.active_count() < COUNT:
    gofer.runtime.gosched()
"""
    for count in range(5, 20):
        done = programs.run("-c", text.replace("COUNT", str(count)), GOMAXPROCS="8")
        assert (done.out, done.err, done.status) == ("", "", 0)
