"""Many goroutines and threads over channels: every value arrives once, in order per sender."""

import threading

import pytest

import gofer
from gofer import Chan, go, recv, runtime, select
from gofer.sync import WaitGroup

SENDERS = 8
EACH = 150


@pytest.fixture(params=[1, 3])
def procs(request):
    before = runtime.gomaxprocs(request.param)
    yield request.param
    runtime.gomaxprocs(before)


@pytest.mark.parametrize("capacity", [0, 1, 7])
@pytest.mark.usefixtures("procs")
def test_every_value_arrives_once_and_in_order(capacity: int) -> None:
    def main() -> list[list[tuple[int, int]]]:
        a: Chan[tuple[int, int]] = Chan(capacity)
        b: Chan[tuple[int, int]] = Chan(capacity)
        stop: Chan[None] = Chan()
        senders = WaitGroup()
        receivers = WaitGroup()
        received: list[list[tuple[int, int]]] = []

        def produce(k: int) -> None:
            for n in range(EACH):
                (a if n % 2 else b).send((k, n))
                if n % 16 == 0:
                    runtime.gosched()
            senders.done()

        def consume(got: list[tuple[int, int]]) -> None:
            while True:
                chosen = select(recv(a), recv(b), recv(stop))
                if chosen.index == 2:
                    break
                got.append(chosen.value)
            receivers.done()

        senders.add(SENDERS + 2)
        receivers.add(4)
        for _ in range(4):
            received.append([])
        for got in received[:3]:
            go(consume, got)
        threading.Thread(target=consume, args=(received[3],)).start()
        for k in range(SENDERS):
            go(produce, k)
        for k in range(2):
            threading.Thread(target=produce, args=(SENDERS + k,)).start()
        senders.wait()
        while len(a) or len(b):
            runtime.gosched()
        stop.close()
        receivers.wait()
        return received

    received = gofer.run(main)
    everything = sorted(value for got in received for value in got)
    assert everything == [(k, n) for k in range(SENDERS + 2) for n in range(EACH)]
    for got in received:
        for k in range(SENDERS + 2):
            for parity in (0, 1):
                mine = [n for kk, n in got if kk == k and n % 2 == parity]
                assert mine == sorted(mine)
