"""What every test has: a virtual clock on request, and no goroutine left from the test before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gofer._core.timers import TIMERS


@pytest.fixture
def virtual_clock() -> Iterator[None]:
    """Time jumps to the next deadline whenever nothing can run."""
    TIMERS.set_virtual(True)
    yield
    TIMERS.set_virtual(False)
