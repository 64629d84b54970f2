"""Interleaving: expect the letters a, b and c, three of each, in an order that Go and gofer leave open.

`gofer run --seed 7 examples/interleave.py` prints the same order each time; another seed, another order.
"""

from gofer import go, runtime
from gofer.sync import WaitGroup

wg = WaitGroup()
order: list[str] = []


def work(letter: str) -> None:
    for _ in range(3):
        order.append(letter)
        runtime.gosched()
    wg.done()


wg.add(3)
for letter in "abc":
    go(work, letter)
wg.wait()
print(" ".join(order))
