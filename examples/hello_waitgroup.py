"""Waiting with a WaitGroup: expect `hey`, then `seeyou`, always, and no longer than it takes."""

from gofer import go
from gofer.sync import WaitGroup

wg = WaitGroup()


def hey() -> None:
    print("hey")
    wg.done()


wg.add(1)
go(hey)
wg.wait()
print("seeyou")
