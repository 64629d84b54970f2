"""Fan-in: several channels become one. Expect `9 messages: a0 a1 a2 b0 b1 b2 c0 c1 c2` (sorted here)."""

from gofer import Chan, RecvChan, go
from gofer.sync import WaitGroup


def source(name: str) -> RecvChan[str]:
    out: Chan[str] = Chan()

    def produce() -> None:
        for n in range(3):
            out.send(f"{name}{n}")
        out.close()

    go(produce)
    return out.receiver


def merge(*channels: RecvChan[str]) -> RecvChan[str]:
    out: Chan[str] = Chan()
    open_ones = WaitGroup()

    def forward(channel: RecvChan[str]) -> None:
        for message in channel:
            out.send(message)

    for channel in channels:
        open_ones.go(forward, channel)

    def close() -> None:
        open_ones.wait()
        out.close()

    go(close)
    return out.receiver


messages = list(merge(source("a"), source("b"), source("c")))
print(f"{len(messages)} messages:", *sorted(messages))
