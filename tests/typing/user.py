"""What a user writes; checked by mypy --strict and pyright, never run."""

from typing import assert_type

import gofer
from gofer import Chan, RecvChan, Selected, SendChan, go, recv, select, send
from gofer.sync import Mutex, WaitGroup


def produce(out: SendChan[int], n: int) -> None:
    out.send(n)


def consume(source: RecvChan[int]) -> list[int]:
    return [value for value in source]


ch: Chan[int] = Chan(3)
go(produce, ch.sender, 1)
assert_type(ch.recv(), int)
assert_type(ch.recv_ok(), tuple[int, bool])
assert_type(select(recv(ch), send(ch, 2), recv(None), default=True), Selected)
assert_type(gofer.run(consume, ch.receiver), list[int])
with Mutex() as nothing:
    WaitGroup().go(produce, ch.sender, n=1)
