"""A counter: expect a race on `Counter.value` under `gofer run -race`, and none with the argument "fixed"."""

import sys

from gofer import sync


class Counter:
    """Counts visits; the fixed one holds its lock meanwhile."""

    def __init__(self) -> None:
        self.value = 0
        self.lock = sync.Mutex()

    def racy(self) -> None:
        self.value += 1  # a read and a write

    def fixed(self) -> None:
        with self.lock:
            self.value += 1


def main(fixed: bool) -> None:
    counter, group = Counter(), sync.WaitGroup()
    for _ in range(3):
        group.go(counter.fixed if fixed else counter.racy)
    group.wait()
    print(counter.value)


main("fixed" in sys.argv)
