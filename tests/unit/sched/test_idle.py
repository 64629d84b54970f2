"""Idle workers: they sleep while there is nothing to do, and only then."""

from __future__ import annotations

import functools
import os
import random
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import gofer
from gofer import Chan, DeadlockError, go, runtime
from gofer._core.machine import guard
from gofer._core.sched import scheduler, wakeup
from gofer._core.sched.monitor import MONITOR
from gofer.sync import WaitGroup
from tests import programs
from tests.waiting import wait_until

ROUNDS = 20 if guard.FREE_THREADED else 3  # beside the GIL, to keep a worker busy keeps all others waiting


@pytest.fixture(params=[2, 4, 8])
def procs(request: pytest.FixtureRequest, no_preemption: None) -> Iterator[int]:
    """That many workers, without the monitor's help: what is not seen at once is never seen."""
    before = runtime.gomaxprocs(request.param)
    MONITOR.detach(wakeup.relieve)
    yield request.param
    MONITOR.attach(wakeup.relieve)
    runtime.gomaxprocs(before)


class Barrier:
    """Opens when `parties` have come; they keep their workers busy meanwhile."""

    def __init__(self, parties: int) -> None:
        self.parties = parties
        self.came: list[None] = []

    def wait(self) -> None:
        self.came.append(None)
        while len(self.came) < self.parties:
            pass


def test_no_worker_sleeps_while_there_is_work_that_it_may_take(procs: int) -> None:
    def main() -> None:
        for _ in range(ROUNDS):
            barrier = Barrier(procs)
            done = WaitGroup()
            for _ in range(procs - 1):
                done.go(barrier.wait)
            barrier.wait()
            done.wait()

    gofer.run(main)


def test_nor_when_each_starts_the_next(procs: int) -> None:
    def chain(barrier: Barrier, done: WaitGroup, more: int) -> None:
        if more:
            done.go(chain, barrier, done, more - 1)
        barrier.wait()

    def main() -> None:
        for _ in range(ROUNDS):
            barrier = Barrier(procs)
            done = WaitGroup()
            chain(barrier, done, procs - 1)
            done.wait()

    gofer.run(main)


def start_from_a_thread(procs: int, rounds: int) -> None:
    """A foreign thread starts as many goroutines as may run beside main's worker; they meet."""

    def main() -> None:
        for _ in range(rounds):
            barrier = Barrier(procs - 1)
            done = WaitGroup()
            done.add(procs - 1)

            def work(barrier: Barrier = barrier, done: WaitGroup = done) -> None:
                barrier.wait()
                done.done()

            def start(work: object = work) -> None:
                for _ in range(procs - 1):
                    go(work)

            threading.Thread(target=start).start()
            done.wait()

    gofer.run(main)


def test_nor_when_a_foreign_thread_starts_it(procs: int) -> None:
    start_from_a_thread(procs, ROUNDS)


def meet(procs: int, rounds: int) -> None:
    """As many goroutines as workers meet, while others end and begin."""

    def main() -> None:
        noise = Chan[int](4)
        go(lambda: [None for _ in noise])
        for n in range(rounds):
            barrier = Barrier(procs)
            done = WaitGroup()
            for _ in range(procs - 1):
                done.go(barrier.wait)
                done.go(noise.send, n)
            barrier.wait()
            done.wait()
        noise.close()

    gofer.run(main)


def test_nor_when_others_end_and_begin_meanwhile(procs: int) -> None:
    meet(procs, ROUNDS)


def test_nor_when_who_is_woken_may_not_take_it_any_more(procs: int) -> None:
    runtime.gomaxprocs(procs + 3)
    meet(procs + 3, 1)  # now there are that many
    runtime.gomaxprocs(procs)
    meet(procs, ROUNDS)


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_nor_when_who_may_take_it_changes_all_the_time(procs: int) -> None:
    stop = threading.Event()

    def change() -> None:
        while not stop.is_set():
            for surplus in 3, 1, 2, 0:
                runtime.gomaxprocs(procs + surplus)
                time.sleep(0)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(1 if guard.FREE_THREADED else 40):
            start_from_a_thread(procs, ROUNDS)
            meet(procs, ROUNDS)
    finally:
        stop.set()
        thread.join()


@pytest.mark.parametrize("by", ["main", "one of them"])
def test_a_timer_is_kept_while_all_workers_but_one_are_busy(procs: int, by: str) -> None:
    """Those that are busy look at no timer until it has fired."""

    def main() -> None:
        rng = random.Random(procs)
        for _ in range(5 * ROUNDS):
            fired: list[None] = []
            begin = functools.partial(gofer.time.after_func, rng.random() * 1e-3, fired.append, None)
            busy = WaitGroup()
            if by == "main":
                begin()
            for n in range(procs - 1):

                def spin(n: int = n, fired: list[None] = fired, begin: Callable[[], object] = begin) -> None:
                    if not n and by != "main":
                        begin()
                    while not fired:
                        pass

                busy.go(spin)
                if rng.randrange(2):
                    gofer.time.sleep(rng.random() * 1e-3)
            busy.wait()

    meet(procs, 1)
    gofer.run(main)


class Pinned:
    """On each worker but the caller's, a goroutine that waits at its gate, and then keeps it busy until `over`."""

    def __init__(self, procs: int) -> None:
        self.over: list[None] = []
        self.gates = [Chan[None]() for _ in range(procs - 1)]
        self.ended = WaitGroup()
        all_here = Barrier(procs)

        def work(gate: Chan[None]) -> None:
            all_here.wait()
            gate.recv()
            while not self.over:
                pass

        for gate in self.gates:
            self.ended.go(work, gate)
        all_here.wait()
        wait_until("chan receive", procs - 1)

    def wake_all_but(self, spared: int) -> None:
        """Wakes them, keeps the caller's worker busy, too, and the one that is spared last."""
        for n, gate in enumerate(self.gates):
            if n != spared:
                gate.send(None)
        while not self.over:
            pass
        self.gates[spared].send(None)
        self.ended.wait()


def test_nor_when_who_is_woken_has_work_of_its_own(procs: int) -> None:
    def main() -> None:
        for n in range(10):
            pinned = Pinned(procs)
            go(pinned.over.append, None)
            pinned.wake_all_but(n % len(pinned.gates))

    gofer.run(main)


def test_who_keeps_the_time_and_is_given_work_hands_it_over(procs: int) -> None:
    def main() -> None:
        for n in range(10):
            pinned = Pinned(procs)
            gofer.time.after_func(0.05, pinned.over.append, None)
            time.sleep(0.01)  # in most rounds one of them has begun to keep the time by then
            pinned.wake_all_but(n % len(pinned.gates))

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_under_a_virtual_clock_nobody_wakes_by_himself(procs: int) -> None:
    """The clock stands still until the last one sleeps; who woke for a deadline that near would never find it past."""

    def main() -> None:
        for _ in range(20):
            gofer.time.sleep(1e-7)
            gofer.time.sleep(3600)

    meet(procs, 1)
    gofer.run(main)


IDLE = {
    "a timer": "gofer.time.sleep(1e5)",
    "a signal": "from gofer import signal; ch = Chan(1); signal.notify(ch, signal_module.SIGUSR1); ch.recv()",
    "a foreign thread": "threading.Thread(target=os.read, args=(os.pipe()[0], 1), daemon=True).start(); Chan().recv()",
    "a future": "from concurrent.futures import Future; gofer.wait(Future())",
    "a call": "gofer.blocking(os.read, os.pipe()[0], 1)",
}


def switches(process: int) -> int:
    """How often the threads of a process have been given a processor."""
    count = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if "ctxt_switches" in line:
                count += int(line.split()[1])
    return count


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs Linux's /proc")
@pytest.mark.parametrize("waits_for", IDLE)
@pytest.mark.parametrize("workers", ["3"])
def test_an_idle_program_uses_no_processor_time(waits_for: str, workers: str) -> None:
    text = f"""
        import os, threading
        import signal as signal_module
        import gofer, gofer.time
        from gofer import Chan, DeadlockError, go, runtime
        from gofer.sync import WaitGroup

        def main():
            group = WaitGroup()
            for _ in range(100):
                group.go(runtime.gosched)
            group.wait()
            go(Chan().recv)
            print("idle", flush=True)
            {IDLE[waits_for]}

        gofer.run(main)
    """
    process = programs.start("-c", textwrap.dedent(text), GOMAXPROCS=workers)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "idle\n"
        deadline = time.monotonic() + programs.LIMIT
        before, after = 0, 1
        while before != after and time.monotonic() < deadline:  # until nothing at all happens for a while
            before = switches(process.pid)
            time.sleep(1.2)
            after = switches(process.pid)
        assert before == after
    finally:
        process.kill()
        process.wait()
        process.communicate()


@pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="uncompiled, a handler must not use a channel")
def test_a_signal_reaches_a_main_goroutine_that_is_about_to_sleep() -> None:
    text = """
        import os, signal
        import gofer
        from gofer import Chan, recv, select, send, time

        def main():
            came = Chan(1)
            time.after_func(1e5, int)  # so that to wait for a signal is no deadlock
            signal.signal(signal.SIGUSR1, lambda *_: select(send(came, None), default=True))
            os.write(1, b"x")
            while True:
                came.recv()
                os.write(1, b"x")

        gofer.run(main)
    """
    process = programs.start("-c", textwrap.dedent(text), GOMAXPROCS="3")
    try:
        assert process.stdout is not None
        for _ in range(1000):
            assert process.stdout.buffer.read(1) == b"x"  # type: ignore[attr-defined]
            os.kill(process.pid, signal.SIGUSR1)
    finally:
        process.kill()
        process.communicate()


def test_a_signal_that_another_thread_handles_is_heard() -> None:
    text = """
        import os, signal, threading, time
        import gofer
        from gofer import Chan

        def elsewhere(ask):
            while not any(thread.name == "gofer-lookout" and thread.is_alive() for thread in threading.enumerate()):
                time.sleep(0.001)  # main starts the thread that waits for this one: 3.14 bears no Ctrl-C then
            for _ in ask:
                signal.pthread_kill(threading.get_ident(), signal.SIGINT)

        def main():
            ask = Chan()
            threading.Thread(target=elsewhere, args=(ask,)).start()
            for _ in range(50):
                try:
                    ask.send(None)
                    Chan().recv()
                except KeyboardInterrupt:
                    pass
            ask.close()
            print("all")

        gofer.run(main)
    """
    done = programs.run("-c", textwrap.dedent(text))
    assert (done.status, done.out) == (0, "all\n"), done.err


def test_what_others_set_to_hear_signals_still_hears_them() -> None:
    text = """
        import os, signal, threading
        import gofer
        from gofer import Chan, go

        reads, writes = os.pipe()
        os.set_blocking(writes, False)

        def main():
            signal.signal(signal.SIGUSR1, lambda *_: None)
            signal.set_wakeup_fd(writes)
            ended = Chan()


            def thread():
                os.kill(os.getpid(), signal.SIGUSR1)
                os.read(reads, 1)
                ended.close()

            threading.Thread(target=thread).start()
            ended.recv()
            print(signal.set_wakeup_fd(-1) == writes)

        gofer.run(main)
    """
    done = programs.run("-c", textwrap.dedent(text))
    assert (done.status, done.out) == (0, "True\n"), done.err


@pytest.mark.parametrize("workers", ["1", "3"])
def test_a_deadlock_is_seen_when_the_last_thread_that_could_wake_somebody_ends(workers: str) -> None:
    text = """
        import os, threading, time
        import gofer
        from gofer import Chan, go

        reads, writes = os.pipe()

        def main():
            for wait in (lambda: os.read(reads, 1), lambda: time.sleep(0.2)):
                threading.Thread(target=wait).start()
            threading.Thread(target=Chan().recv, daemon=True).start()
            go(Chan().recv)
            go(os.write, writes, b"x")
            Chan().recv()

        try:
            gofer.run(main)
        except gofer.DeadlockError:
            print("deadlock")
    """
    done = programs.run("-c", textwrap.dedent(text), GOMAXPROCS=workers)
    assert (done.status, done.out) == (0, "deadlock\n"), done.err


@pytest.mark.parametrize(
    "ends",
    [
        "signal.stop(ch)",
        "timer.stop()",
        "Chan().recv()",
    ],
)
def test_a_deadlock_is_seen_when_a_thread_takes_away_what_could_wake_somebody(ends: str) -> None:
    text = f"""
        import os, threading, time
        import gofer
        import signal as numbers
        from gofer import Chan, go, signal
        from gofer.time import Timer

        def main():
            ch = Chan(1)
            timer = Timer(1e5)
            {"signal.notify(ch, numbers.SIGUSR1)" if "signal" in ends else ""}
            {"timer.stop()" if "timer" not in ends else ""}

            def thread():
                while gofer.runtime.goroutines()[0].wait_reason != "chan receive":
                    time.sleep(0.001)
                {ends}

            threading.Thread(target=thread, daemon=True).start()
            timer.c.recv() if {"timer" in ends} else ch.recv()

        try:
            gofer.run(main)
        except gofer.DeadlockError:
            print("deadlock")
    """
    done = programs.run("-c", textwrap.dedent(text))
    assert (done.status, done.out) == (0, "deadlock\n"), done.err


def test_a_thread_that_is_just_being_started_is_neither_waited_for_nor_forgotten() -> None:
    class Starting(threading.Thread):
        """In `threading.enumerate()` before it runs, until somebody asks."""

        asked = 0

        def is_alive(self) -> bool:
            self.asked += 1
            threading._limbo.pop(self, None)  # type: ignore[attr-defined]
            return False

    thread = Starting()
    threading._limbo[thread] = thread  # type: ignore[attr-defined]
    with pytest.raises(DeadlockError):
        gofer.run(Chan[None]().recv)
    assert thread.asked == 1
