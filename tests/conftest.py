"""What every test has: a virtual clock on request, and no process left from the test before."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from gofer._core.sched import preempt, scheduler
from gofer._core.sched.monitor import MONITOR
from gofer._core.sched.timers import TIMERS
from tests.leftovers import pytest_configure, pytest_runtest_makereport, pytest_runtest_teardown

__all__ = ["pytest_configure", "pytest_runtest_makereport", "pytest_runtest_teardown"]


@pytest.fixture(autouse=True, scope="session")
def eager_collector_where_guards_are_checked() -> Iterator[None]:
    """A core that checks its guards meets the collector wherever it can come."""
    before = gc.get_threshold()
    if scheduler.checks_guards():
        gc.set_threshold(1, *before[1:])
    yield
    gc.set_threshold(*before)


@pytest.fixture
def no_preemption() -> Iterator[None]:
    """A goroutine that computes keeps its worker, however long."""
    if not preempt.is_on():
        yield
        return
    MONITOR.detach(preempt.on_overrun)
    yield
    MONITOR.attach(preempt.on_overrun)


@pytest.fixture
def virtual_clock() -> Iterator[None]:
    """Time jumps to the next deadline whenever nothing can run."""
    TIMERS.set_virtual(True)
    yield
    TIMERS.set_virtual(False)
