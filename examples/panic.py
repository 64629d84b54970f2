"""A panic: expect `panic: ZeroDivisionError: division by zero`, the goroutine's stack, and status 2."""

from gofer import go
from gofer.sync import WaitGroup

wg = WaitGroup()


def divide(a: int, b: int) -> None:
    print(a / b)
    wg.done()


wg.add(1)
go(divide, 1, 0)
wg.wait()
print("never printed")
