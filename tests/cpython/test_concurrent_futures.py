"""CPython's own tests of executors, with gofer's in place of the thread pool.

They come from the installed `test.test_concurrent_futures` (a package from Python 3.12 on; that of 3.11 is one
file with the thread pool named all over; many installations leave `test` out). Events and `sleep` in them are gofer's,
as everything that blocks must be under goroutines, and `limit` is their `max_workers`.

Left out, because they are about something else:
- `test_max_workers_negative`: the text of the message; ours names `limit`, and has a test of its own.
- `test_interpreter_shutdown`, `test_submit_after_interpreter_shutdown`, `test_hang_gh83386`: that the interpreter's end
  waits for tasks. The end of main does not wait for goroutines.
- `test_cancel_futures`: that a task has begun before `submit` has returned often enough. A goroutine begins when its
  worker is free; what is cancelled then has a test of its own.
- the classes of `test_thread_pool` but the test below, `test_init`, `test_deadlock`: about threads, their names and
  number, `initializer`, and processes.
"""

from __future__ import annotations

import threading
import types
import unittest
from typing import Any

import pytest

from gofer import Executor, time
from gofer._core.outside.executor import Event

pytest.importorskip("test.test_concurrent_futures.util", reason="this Python has no such tests installed")

from test.test_concurrent_futures import (
    executor,
    test_as_completed,
    test_shutdown,
    test_thread_pool,
    test_wait,
)

EXCLUDED = {
    "test_max_workers_negative",
    "test_interpreter_shutdown",
    "test_submit_after_interpreter_shutdown",
    "test_hang_gh83386",
    "test_cancel_futures",
}


@pytest.fixture(autouse=True)
def gofers_sleep(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = types.SimpleNamespace(sleep=time.sleep, monotonic=time.monotonic)
    for module in (executor, test_as_completed, test_shutdown, test_wait):
        monkeypatch.setattr(module, "time", clock, raising=False)
    threads = types.SimpleNamespace(Event=Event, Thread=threading.Thread)
    monkeypatch.setattr(executor, "threading", threads)


class GoferMixin(unittest.TestCase):
    worker_count = 5

    @staticmethod
    def executor_type(max_workers: int | None = None) -> Executor:
        return Executor(max_workers)

    def create_event(self) -> Event:
        return Event()

    def setUp(self) -> None:
        if self._testMethodName in EXCLUDED:
            self.skipTest("about something else: see the module's docstring")
        self.executor = self.executor_type(self.worker_count)

    def tearDown(self) -> None:
        self.executor.shutdown()


def mixed(suite: Any) -> Any:
    return type("Gofer" + suite.__name__, (suite, GoferMixin), {"__module__": __name__})


class TestExecutor(mixed(executor.ExecutorTest)):  # type: ignore[misc]
    test_map_submits_without_iteration = test_thread_pool.ThreadPoolExecutorTest.test_map_submits_without_iteration


TestWait = mixed(test_wait.WaitTests)
TestAsCompleted = mixed(test_as_completed.AsCompletedTests)
TestShutdown = mixed(test_shutdown.ExecutorShutdownTest)


def test_it_is_all_there() -> None:
    names = {name for case in (TestExecutor, TestWait, TestAsCompleted, TestShutdown) for name in dir(case)}
    assert len([name for name in names if name.startswith("test_")]) >= 25
    assert names >= {"test_map", "test_first_exception", "test_no_timeout", "test_hang_issue12364"}
