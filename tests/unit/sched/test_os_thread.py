"""`lock_os_thread`, and what belongs to a thread or to a goroutine where there are several workers."""

from __future__ import annotations

import contextvars
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import gofer
from gofer import Chan, go, runtime
from gofer.runtime import lock_os_thread, unlock_os_thread
from gofer.sync import WaitGroup
from tests import programs


@pytest.fixture(params=[1, 2, 4])
def procs(request: pytest.FixtureRequest) -> Iterator[int]:
    before = runtime.gomaxprocs(request.param)
    yield request.param
    runtime.gomaxprocs(before)


def threads_of(count: int) -> set[threading.Thread]:
    """Where that many new goroutines run, which wait for each other before they end."""
    found: set[threading.Thread] = set()
    group = WaitGroup()
    here = Chan[None]()
    go_on = Chan[None]()

    def show() -> None:
        found.add(threading.current_thread())
        here.send(None)
        go_on.recv()
        found.add(threading.current_thread())

    for _ in range(count):
        group.go(show)
    for _ in range(count):
        here.recv()
    go_on.close()
    group.wait()
    return found


@pytest.mark.usefixtures("procs")
def test_no_new_goroutine_runs_on_a_locked_thread() -> None:
    def main() -> None:
        lock_os_thread()
        assert threading.current_thread() not in threads_of(20)
        unlock_os_thread()

    gofer.run(main)


@pytest.mark.usefixtures("procs")
def test_calls_are_counted_and_undone_one_by_one() -> None:
    def main() -> None:
        unlock_os_thread()  # without a lock: nothing
        lock_os_thread()
        lock_os_thread()
        unlock_os_thread()
        assert threading.current_thread() not in threads_of(5)
        unlock_os_thread()
        unlock_os_thread()
        while threading.current_thread() not in threads_of(50):
            pass

    gofer.run(main)


@pytest.mark.usefixtures("procs")
def test_what_a_locked_goroutine_keeps_with_its_thread_is_its_own() -> None:
    kept = threading.local()

    def own(n: int, group: WaitGroup) -> None:
        lock_os_thread()
        kept.value = n
        for _ in range(10):
            runtime.gosched()
            go(setattr, kept, "value", -1)
            assert kept.value == n
        group.done()

    def main() -> None:
        for n in range(10):
            group = WaitGroup()
            group.add(1)
            go(own, n, group)
            group.wait()

    gofer.run(main)


@pytest.mark.parametrize("workers", ["1", "2", "4"])
def test_the_thread_of_a_goroutine_that_ends_locked_ends_with_it(workers: str) -> None:
    text = """
import threading
import gofer
from gofer import Chan, go, runtime

def main():
    for _ in range(20):
        where = Chan()

        def locked():
            runtime.lock_os_thread()
            go(int)
            where.send(threading.current_thread())

        runtime.lock_os_thread()  # so that it runs elsewhere
        go(locked)
        thread = where.recv()
        runtime.unlock_os_thread()
        assert thread is not threading.current_thread()
        gofer.blocking(thread.join)
    print("all")

gofer.run(main)
"""
    done = programs.run("-c", text, GOMAXPROCS=workers)
    assert (done.status, done.out) == (0, "all\n"), done.err


@pytest.mark.usefixtures("procs")
def test_those_that_run_on_the_thread_already_go_on() -> None:
    def main() -> int:
        values: Chan[int] = Chan()

        def count() -> None:
            for n in range(100):
                values.send(n)

        go(count)
        total = values.recv()
        lock_os_thread()
        total += sum(values.recv() for _ in range(99))
        unlock_os_thread()
        return total

    assert gofer.run(main) == 4950


@pytest.mark.usefixtures("procs")
def test_a_deadlock_is_seen_beside_locked_threads() -> None:
    def wait() -> None:
        lock_os_thread()
        Chan[None]().recv()

    def main() -> None:
        lock_os_thread()
        go(wait)
        try:
            Chan[None]().recv()
        finally:
            unlock_os_thread()

    with pytest.raises(gofer.DeadlockError):
        gofer.run(main)


def test_in_a_foreign_thread_it_changes_nothing() -> None:
    seen: list[Any] = []

    def foreign() -> None:
        unlock_os_thread()
        lock_os_thread()
        seen.append(threading.current_thread())
        unlock_os_thread()

    thread = threading.Thread(target=foreign)
    thread.start()
    thread.join()
    assert seen == [thread]


def test_under_a_seed_all_share_one_thread() -> None:
    text = """
from gofer import Chan, go, runtime
import threading
threads = set()
done = Chan()
def main():
    runtime.lock_os_thread()
    for _ in range(10):
        go(lambda: (threads.add(threading.current_thread()), done.send(None)))
    for _ in range(10):
        done.recv()
    print(threads == {threading.current_thread()})
main()
"""
    done = programs.run_text(text, "--seed", "1")
    assert (done.status, done.out) == (0, "True\n"), done.err


@pytest.mark.usefixtures("procs")
def test_each_goroutine_has_its_own_context_wherever_it_runs() -> None:
    number = contextvars.ContextVar("number", default=-1)

    def own(n: int, group: WaitGroup) -> None:
        assert number.get() == 7
        number.set(n)
        for _ in range(5):
            runtime.gosched()
            assert number.get() == n
        group.done()

    def main() -> None:
        number.set(7)
        group = WaitGroup()
        group.add(50)
        for n in range(50):
            go(own, n, group)
        group.wait()
        assert number.get() == 7

    gofer.run(main)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_the_child_of_a_fork_in_a_locked_goroutine_starts_anew() -> None:
    text = """
import os, warnings
import gofer
from gofer import Chan, go, runtime
warnings.simplefilter("ignore", DeprecationWarning)

def child():
    ch = Chan()
    for n in range(10):
        go(ch.send, n)
    return sum(ch.recv() for _ in range(10))

def locked(done):
    runtime.lock_os_thread()
    pid = os.fork()
    if not pid:
        os._exit(child())
    done.send(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))

def main():
    runtime.lock_os_thread()
    done = Chan()
    go(locked, done)
    print(done.recv())
    go(locked, done)
    print(done.recv())

gofer.run(main)
"""
    done = programs.run("-c", text, GOMAXPROCS="2")
    assert (done.status, done.out) == (0, "45\n45\n"), done.err
