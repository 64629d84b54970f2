"""gofer's side of the library suite."""

import time

import gofer
from bench.programs import protocol
from bench.programs.protocol import since
from gofer import atomic, sync

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


CASES = {
    "with-mutex": with_mutex,
    "with-reader": with_reader,
    "map-load": map_load,
    "atomic-add": atomic_add,
    "map-get": map_get,
    "map-set": map_set,
}

if __name__ == "__main__":
    gofer.run(protocol.main, CASES)
