"""The twin of concurrent_map.py with a sync.Map, which is made for sharing: expect `4000`."""

from gofer.sync import Map, WaitGroup

squares: Map[int, int] = Map()
wg = WaitGroup()


def fill(start: int) -> None:
    for n in range(start, start + 1000):
        squares[n] = n * n


for k in range(4):
    wg.go(fill, 1000 * k)
wg.wait()
print(len(squares))
