"""A loop variable shared by accident: expect a race on `i`, and none with the argument "fixed"."""

import sys

from gofer import sync


def racy() -> None:
    group = sync.WaitGroup()
    for i in range(3):
        group.go(lambda: print(i))  # the one variable `i`, which the loop goes on to change
    group.wait()


def fixed() -> None:
    group = sync.WaitGroup()
    for i in range(3):
        group.go(print, i)  # an argument is a value of its own
    group.wait()


fixed() if "fixed" in sys.argv else racy()
