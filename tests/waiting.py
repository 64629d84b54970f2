"""Until others wait for something."""

from __future__ import annotations

from gofer import runtime


def wait_until(reason: str, count: int) -> None:
    """Until so many goroutines wait for that."""
    while sum(g.wait_reason == reason for g in runtime.goroutines()) < count:
        runtime.gosched()
