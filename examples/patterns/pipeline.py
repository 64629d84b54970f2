"""A pipeline that can be cancelled: the reader stops early, and every stage ends with the context.

Expect `first square over 50: 64` and `every stage has ended`.
"""

from itertools import count

from gofer import Chan, RecvChan, recv, select, send
from gofer.context import Context, background, with_cancel
from gofer.sync import WaitGroup

stages = WaitGroup()


def numbers(ctx: Context) -> RecvChan[int]:
    out: Chan[int] = Chan()

    def produce() -> None:
        for n in count():
            if select(send(out, n), recv(ctx.done())).index == 1:
                return

    stages.go(produce)
    return out.receiver


def squares(ctx: Context, source: RecvChan[int]) -> RecvChan[int]:
    out: Chan[int] = Chan()

    def transform() -> None:
        while True:
            taken = select(recv(source), recv(ctx.done()))
            if taken.index == 1 or select(send(out, taken.value**2), recv(ctx.done())).index == 1:
                return

    stages.go(transform)
    return out.receiver


with with_cancel(background()) as ctx:
    for square in squares(ctx, numbers(ctx)):
        if square > 50:
            print("first square over 50:", square)
            break
stages.wait()  # leaving the block has cancelled them
print("every stage has ended")
