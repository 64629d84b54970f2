"""Goroutines that share a plain map without a lock: expect `fatal error: concurrent map writes` and exit status 2."""

from gofer import Map
from gofer.sync import WaitGroup

squares: Map[int, int] = Map()
wg = WaitGroup()


def fill(start: int) -> None:
    for n in range(start, start + 1000):
        squares[n] = n * n


for k in range(4):
    wg.go(fill, 1000 * k)
wg.wait()
print(len(squares))
