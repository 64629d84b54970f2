"""gofer's side of the library suite."""

import asyncio
import sys
import time

import gofer
from bench.programs import protocol
from bench.programs.protocol import since
from gofer import Chan, aio, atomic, context, errgroup, go, sync

KEYS = [str(n) for n in range(100)]


def with_mutex(n: int) -> float:
    lock = sync.Mutex()
    begin = time.perf_counter_ns()
    for _ in range(n):
        with lock:
            pass
    return since(begin, n)


def with_reader(n: int) -> float:
    lock = sync.RWMutex().reader
    begin = time.perf_counter_ns()
    for _ in range(n):
        with lock:
            pass
    return since(begin, n)


def map_load(n: int) -> float:
    found: sync.Map[str, int] = sync.Map()
    for key in KEYS:
        found[key] = 1
    begin = time.perf_counter_ns()
    for _ in range(n):
        found.load("7")
    return since(begin, n)


def atomic_add(n: int) -> float:
    number = atomic.Int64()
    begin = time.perf_counter_ns()
    for _ in range(n):
        number.add(1)
    return since(begin, n)


def map_get(n: int) -> float:
    found: gofer.Map[str, int] = gofer.Map.fromkeys(KEYS, 1)
    begin = time.perf_counter_ns()
    for _ in range(n):
        found["7"]
    return since(begin, n)


def map_set(n: int) -> float:
    found: gofer.Map[str, int] = gofer.Map.fromkeys(KEYS, 1)
    begin = time.perf_counter_ns()
    for _ in range(n):
        found["7"] = 1
    return since(begin, n)


def context_cancel(n: int) -> float:
    parent = context.background()
    begin = time.perf_counter_ns()
    for _ in range(n):
        context.with_cancel(parent).cancel()
    return since(begin, n)


def nothing() -> None:
    pass


def groups(n: int) -> dict[str, float]:
    """Both kinds in turn, a thousand goroutines each; nanoseconds a goroutine."""
    spent = {"errgroup-1000": 0, "waitgroup-1000": 0}
    rounds = n // 1000
    for _ in range(rounds):
        for case, group in (("errgroup-1000", errgroup.Group()), ("waitgroup-1000", sync.WaitGroup())):
            begin = time.perf_counter_ns()
            for _ in range(1000):
                group.go(nothing)
            group.wait()
            spent[case] += time.perf_counter_ns() - begin
    return {case: total / rounds / 1000 for case, total in spent.items()}


def aio_handover(n: int) -> float:
    """One at a time: the goroutine waits for its receiver."""
    return asyncio.run(receive(n, 0))


def aio_stream(n: int) -> float:
    return asyncio.run(receive(n, 100))


async def receive(n: int, capacity: int) -> float:
    ch: Chan[int] = Chan(capacity)
    await aio.go(go, send, ch, n)
    begin = time.perf_counter_ns()
    for _ in range(n):
        await aio.recv(ch)
    return since(begin, n)


def send(ch: Chan[int], n: int) -> None:
    for k in range(n):
        ch.send(k)


CASES = {
    "with-mutex": with_mutex,
    "with-reader": with_reader,
    "map-load": map_load,
    "atomic-add": atomic_add,
    "map-get": map_get,
    "map-set": map_set,
    "context-cancel": context_cancel,
    "groups": groups,
    "aio-handover": aio_handover,
    "aio-stream": aio_stream,
}

if __name__ == "__main__":
    if sys.argv[1].startswith("aio"):
        protocol.main(CASES)  # asyncio has the main thread, goroutines another
    else:
        gofer.run(protocol.main, CASES)
