"""Python's side of the library suite: what one would use without gofer."""

import time
from itertools import count
from threading import Lock

from bench.programs import protocol
from bench.programs.protocol import since

KEYS = [str(n) for n in range(100)]


def with_lock(n: int) -> float:
    lock = Lock()
    begin = time.perf_counter_ns()
    for _ in range(n):
        with lock:
            pass
    return since(begin, n)


def dict_method(n: int) -> float:
    found = dict.fromkeys(KEYS, 1)
    begin = time.perf_counter_ns()
    for _ in range(n):
        found.get("7")
    return since(begin, n)


def next_count(n: int) -> float:
    numbers = count()
    begin = time.perf_counter_ns()
    for _ in range(n):
        next(numbers)
    return since(begin, n)


def dict_get(n: int) -> float:
    found = dict.fromkeys(KEYS, 1)
    begin = time.perf_counter_ns()
    for _ in range(n):
        found["7"]
    return since(begin, n)


def dict_set(n: int) -> float:
    found = dict.fromkeys(KEYS, 1)
    begin = time.perf_counter_ns()
    for _ in range(n):
        found["7"] = 1
    return since(begin, n)


CASES = {
    "with-mutex": with_lock,
    "with-reader": with_lock,
    "map-load": dict_method,
    "atomic-add": next_count,
    "map-get": dict_get,
    "map-set": dict_set,
}

if __name__ == "__main__":
    protocol.main(CASES)
