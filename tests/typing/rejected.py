"""What a type checker must find: each line marked below is an error, checked by mypy --strict; never run."""

from concurrent.futures import Future

from gofer import Chan, blocking, context, errgroup, go, run, semaphore, singleflight, wait
from gofer.atomic import Int64, Pointer
from gofer.sync import Cond, Map, Mutex, Once, RWMutex, once_value


def add(a: int, b: int) -> int:
    return a + b


numbers: Chan[int] = Chan()
numbers.send("one")  # error
text: str = numbers.recv()  # error
numbers.sender.recv()  # error
numbers.receiver.send(1)  # error
go(add, 1)  # error
go(add, 1, "two")  # error
go(None)  # error
result: str = run(add, 1, 2)  # error
Chan("many")  # error
Mutex().lock(1)  # error
number: str = blocking(add, 1, 2)  # error
blocking(add, 1)  # error
waited: str = wait(Future[int]())  # error
RWMutex().reader.rlock()  # error
Once().do(add)  # error
flag: str = once_value(lambda: 5)()  # error
Cond(5)  # error
context.with_cancel(5)  # error
context.with_timeout(context.background(), "2s")  # error
errgroup.Group().go(add, 1)  # error
semaphore.Weighted(5).acquire(5)  # error
once: str = singleflight.Group().do("k", lambda: 5).value  # error
Int64("5")  # error
Pointer("x").store(5)  # error
Map[str, int]().store(1, 1)  # error
