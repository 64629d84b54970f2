"""The monitor: goroutines that keep their worker busy while others wait on it."""

from __future__ import annotations

import textwrap

import pytest

from gofer._core.sched import preempt
from tests import programs


def test_a_goroutine_in_a_blocking_call_does_not_stop_those_that_can_move() -> None:
    text = """
        import os
        from gofer import Chan, go, run, runtime

        runtime.gomaxprocs(2)
        read, write = os.pipe()
        done = Chan(3)

        def stuck():
            os.read(read, 1)  # until the last goroutine has run
            done.send("stuck")

        def last():
            os.write(write, b"xx")

        def main():
            go(stuck)
            go(stuck)
            go(last)
            print(done.recv(), done.recv())

        run(main)
    """
    done = programs.run_text(textwrap.dedent(text), "plain")
    assert (done.status, done.out) == (0, "stuck stuck\n"), done.err


@pytest.mark.parametrize("procs", ["1", "2"])
def test_a_stall_is_told_once_a_site_where_the_environment_asks(procs: str) -> None:
    text = """
        import sys
        from gofer import Chan, go, run

        class Told(list):
            write = list.append
            def flush(self):
                pass

        told = Told()
        done = Chan()

        def busy():
            while not told: pass
            done.send(None)

        def main():
            for _ in range(8):
                go(busy)
            for _ in range(8):
                done.recv()

        err, sys.stderr = sys.stderr, told
        run(main)
        sys.stderr = err
        print("".join(told), end="")
    """
    done = programs.run_text(
        textwrap.dedent(text), "plain", GOFER_DEBUG="schedstall=1", GOFER_PREEMPT="0", GOMAXPROCS=procs
    )
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert lines, done
    places = []
    for line in lines:
        said, _, place = line.partition(" s at ")
        assert said.startswith("goroutine ")
        assert " has kept its worker busy for " in said
        places.append(place.rpartition("/")[2])
    # Which line is a matter of time: a thread that the system takes off its processor is told wherever it was.
    assert all(place.startswith("main.py:") for place in places), places
    assert len(places) == len(set(places))


def test_a_program_goes_on_without_the_monitor_where_there_can_be_no_more_threads() -> None:
    text = """
        import threading
        from gofer import Chan, go, run

        start = threading.Thread.start
        def refuse(thread):
            if thread.name == "gofer-monitor":
                raise RuntimeError("can't start new thread")
            start(thread)
        threading.Thread.start = refuse

        def main():
            ch = Chan()
            for n in range(3):
                go(ch.send, n)
            print(sum(ch.recv() for _ in range(3)))

        run(main)
        run(main)
    """
    done = programs.run_text(textwrap.dedent(text), "plain", GOMAXPROCS="2")
    assert (done.status, done.out) == (0, "3\n3\n"), done.err
    told = done.err.splitlines()
    assert len(told) <= 1
    if preempt.is_on():
        assert told == ["gofer: can't start new thread: goroutines that compute are not preempted"]
