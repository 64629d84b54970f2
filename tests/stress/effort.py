"""How much the stress tests do: little by default, `GOFER_STRESS_ROUNDS` times as much on request.

`GOFER_STRESS_STARTS` is how many processes are started in a row. `GOFER_STRESS_SEED` begins with that seed, which is
how a failure is repeated.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

ROUNDS = int(os.environ.get("GOFER_STRESS_ROUNDS", "1"))
STARTS = int(os.environ.get("GOFER_STRESS_STARTS", "4"))


def seeds(count: int) -> Iterator[int]:
    """Seeds of `count` rounds, or of as many times more as are asked for."""
    first = os.environ.get("GOFER_STRESS_SEED")
    if first is not None:
        yield int(first)
    for _ in range(count * ROUNDS):
        yield random.getrandbits(32)
