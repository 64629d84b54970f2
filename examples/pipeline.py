"""A pipeline of channels: numbers, their squares, the sum. Expect `sum of squares: 285`."""

from gofer import Chan, RecvChan, SendChan, go


def numbers(out: SendChan[int]) -> None:
    for n in range(10):
        out.send(n)
    out.close()


def squares(source: RecvChan[int], out: SendChan[int]) -> None:
    for n in source:
        out.send(n * n)
    out.close()


first: Chan[int] = Chan()
second: Chan[int] = Chan(4)
go(numbers, first.sender)
go(squares, first.receiver, second.sender)
print("sum of squares:", sum(second))
