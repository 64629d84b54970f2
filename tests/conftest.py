"""What every test has: a virtual clock on request, and no goroutine left from the test before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gofer._core import preempt
from gofer._core.monitor import MONITOR
from gofer._core.timers import TIMERS


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
