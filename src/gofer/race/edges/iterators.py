"""The happens-before edges of iterators that threads share (3.15): a lock for all who take a step, and under it the
program's iterator runs.
"""

from __future__ import annotations

import threading
from typing import Any

from gofer.race.edges.threads import Lock, ordered, replace


def serializing(original: Any) -> Any:
    """`serialize_iterator.__init__`."""

    def initialize(self: Any, iterable: Any) -> None:
        original(self, iterable)
        self._lock = ordered(Lock)

    return initialize


def teeing(original: Any) -> Any:
    """`_concurrent_tee.__init__`; one that is made of another has that one's lock."""

    def initialize(self: Any, iterable: Any) -> None:
        original(self, iterable)
        if not isinstance(iterable, type(self)):
            self.lock = ordered(Lock)

    return initialize


def teed(original: Any) -> Any:
    """`_concurrent_tee.__next__`: whoever made the item comes before; it may be there already, without the lock."""

    def step(self: Any) -> Any:
        try:
            return original(self)
        finally:
            self.lock._seen()

    return step


def install() -> None:
    """Puts the edges in."""
    module: Any = threading
    if hasattr(module, "serialize_iterator"):
        replace(module.serialize_iterator, "__init__", serializing)
        replace(module._concurrent_tee, "__init__", teeing)
        replace(module._concurrent_tee, "__next__", teed)
