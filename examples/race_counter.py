"""A data race: expect a report of two unordered accesses and status 66 under `gofer run -race`; without it, a count."""

from gofer import sync


class Counter:
    """A number that goes up."""

    def __init__(self) -> None:
        self.value = 0


def increment(counter: Counter) -> None:
    """Adds one: a read and a write."""
    counter.value += 1


def main() -> None:
    """Counts twice at once."""
    counter = Counter()
    group = sync.WaitGroup()
    for _ in range(2):
        group.go(increment, counter)
    group.wait()
    print(counter.value)


main()
