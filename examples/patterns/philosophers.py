"""Dining philosophers: five forks, each a Mutex. All take the lower fork first, so no circle of waiting can close.

Expect `5 philosophers ate 3 times each`. Taking the left fork first would, some day, be a deadlock.
"""

from gofer.runtime import gosched
from gofer.sync import Mutex, WaitGroup

MEALS = 3
NAMES = ["Anaximander", "Hypatia", "Zeno", "Diotima", "Thales"]

forks = [Mutex() for _ in NAMES]
meals = dict.fromkeys(NAMES, 0)


def dine(seat: int) -> None:
    left, right = seat, (seat + 1) % len(forks)
    first, second = forks[min(left, right)], forks[max(left, right)]
    for _ in range(MEALS):
        with first:
            gosched()  # hungry neighbours get their chance
            with second:
                meals[NAMES[seat]] += 1
        gosched()


table = WaitGroup()
for seat in range(len(NAMES)):
    table.go(dine, seat)
table.wait()
assert set(meals.values()) == {MEALS}
print(f"{len(meals)} philosophers ate {MEALS} times each")
