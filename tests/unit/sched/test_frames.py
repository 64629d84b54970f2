"""A goroutine's first Python frames lie in a small block, the others in the interpreter's: nobody must notice."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pytest

import gofer
from gofer import Chan, go
from gofer.sync import WaitGroup

DEPTHS = range(60)  # a block has room for less than ten frames
MORE_THAN_ARE_KEPT = 2500  # so many carriers end when their goroutines do


def down(depth: int, gate: Chan[None]) -> int:
    """Waits at the bottom of so many calls; how many there were."""
    if depth:
        return down(depth - 1, gate) + 1
    gate.recv()
    return 0


def test_goroutines_wait_at_every_depth() -> None:
    def main() -> list[int]:
        gate: Chan[None] = Chan()
        depths: list[int] = []
        wg = WaitGroup()
        for depth in DEPTHS:
            wg.go(lambda depth=depth: depths.append(down(depth, gate)))
        gofer.runtime.gosched()
        gate.close()
        wg.wait()
        return sorted(depths)

    assert gofer.run(main) == list(DEPTHS)


def test_carriers_end_and_new_ones_begin() -> None:
    def main() -> int:
        gate: Chan[None] = Chan()
        depths: Chan[int] = Chan(MORE_THAN_ARE_KEPT)
        for number in range(MORE_THAN_ARE_KEPT):
            go(lambda depth=number % 20: depths.send(down(depth, gate)))
        gofer.runtime.gosched()
        gate.close()
        return sum(depths.recv() for _ in range(MORE_THAN_ARE_KEPT))

    for _ in range(2):
        assert gofer.run(main) == sum(number % 20 for number in range(MORE_THAN_ARE_KEPT))


@pytest.mark.parametrize("depth", [0, 3, 5, 6, 7, 8, 9, 10, 30])
def test_calls_at_the_edge_of_the_block(depth: int) -> None:
    """Frames that come and go just where the block ends, beside a generator's and under an exception."""

    def numbers() -> Iterator[int]:
        for number in range(50):
            yield down(number % 4, gate)

    def fail(levels: int) -> None:
        if levels:
            fail(levels - 1)
        raise LookupError(levels)

    def work(levels: int) -> tuple[int, int]:
        if levels:
            return work(levels - 1)
        total = sum(numbers())
        try:
            fail(5)
        except LookupError as error:
            return total, len(traceback.extract_tb(error.__traceback__))
        raise AssertionError("nothing was raised")

    gate: Chan[None] = Chan()
    gate.close()

    def main() -> tuple[int, int]:
        result: Chan[tuple[int, int]] = Chan()
        go(lambda: result.send(work(depth)))
        return result.recv()

    assert gofer.run(main) == (sum(number % 4 for number in range(50)), 7)
