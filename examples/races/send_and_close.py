"""A send and a close that nothing orders: expect a race on the channel, and none with the argument "fixed"."""

import sys

from gofer import Chan, ClosedChannelError, go, sync


def racy() -> None:
    results: Chan[int] = Chan(1)
    done = sync.WaitGroup()

    def send() -> None:
        try:
            results.send(1)
        except ClosedChannelError:
            print("too late")

    done.go(send)
    results.close()  # nothing says that this comes after the send
    done.wait()


def fixed() -> None:
    results: Chan[int] = Chan(1)
    senders = sync.WaitGroup()
    senders.go(results.send, 1)

    def close() -> None:
        senders.wait()
        results.close()

    go(close)
    print(sum(results))


fixed() if "fixed" in sys.argv else racy()
