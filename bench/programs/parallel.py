"""gofer's side of the third suite. What it shares with the first it takes from there."""

import threading
import time
from typing import Any

import gofer
from bench.programs import gofer as first
from bench.programs import protocol, work
from bench.programs.protocol import since
from bench.programs.work import WORKERS, Matrix, milliseconds
from gofer import Chan, sync


def fan_out(n: int) -> float:
    group = sync.WaitGroup()
    begin = time.perf_counter_ns()
    for _ in range(n):
        group.go(work.burn)
    group.wait()
    return milliseconds(begin)


def merge_sort(values: list[int], depth: int) -> list[int]:
    if depth == 0:
        return work.merge_sort(values)
    middle = len(values) // 2
    left = Chan[list[int]](1)
    gofer.go(lambda: left.send(merge_sort(values[:middle], depth - 1)))
    right = merge_sort(values[middle:], depth - 1)
    return work.merge(left.recv(), right)


def merge_sort_case(n: int) -> float:
    values = work.numbers(n)
    begin = time.perf_counter_ns()
    merge_sort(values, 3)
    return milliseconds(begin)


def matrix(n: int) -> float:
    square = work.square(n)
    product: Matrix = [[] for _ in range(n)]
    group = sync.WaitGroup()

    def compute(i: int) -> None:
        product[i] = work.product_row(square[i], square)

    begin = time.perf_counter_ns()
    for i in range(n):
        group.go(compute, i)
    group.wait()
    return milliseconds(begin)


def generate(out: Chan[int]) -> None:
    i = 2
    while True:
        out.send(i)
        i += 1


def strain(prime: int, source: Chan[int], out: Chan[int]) -> None:
    for i in source:
        if i % prime:
            out.send(i)


def sieve(n: int) -> float:
    begin = time.perf_counter_ns()
    ch = Chan[int]()
    gofer.go(generate, ch)
    for _ in range(n):
        out = Chan[int]()
        gofer.go(strain, ch.recv(), ch, out)
        ch = out
    return milliseconds(begin)


def pingpong_across(n: int) -> dict[str, float]:
    """Nothing where the other goroutine does not get a worker of its own while this one keeps its worker busy."""
    there, back = Chan[int](), Chan[int]()
    thread = 0

    def echo() -> None:
        nonlocal thread
        thread = threading.get_ident()
        for value in there:
            back.send(value)

    gofer.go(echo)
    deadline = time.perf_counter() + 1
    while not thread and time.perf_counter() < deadline:
        pass
    if thread in (0, threading.get_ident()):
        there.close()
        return {}
    begin = time.perf_counter_ns()
    for i in range(n // 2):
        there.send(i)
        back.recv()
    elapsed = since(begin, n)
    there.close()
    return {"pingpong-across": elapsed}


def mutex_parallel(n: int) -> float:
    lock, group = sync.Mutex(), sync.WaitGroup()
    total = 0

    def count() -> None:
        nonlocal total
        for _ in range(n // WORKERS):
            lock.lock()
            total += 1
            lock.unlock()

    begin = time.perf_counter_ns()
    for _ in range(WORKERS):
        group.go(count)
    group.wait()
    return since(begin, n)


CASES: dict[str, Any] = {
    "fanout": fan_out,
    "mergesort": merge_sort_case,
    "matrix": matrix,
    "sieve": sieve,
    "pingpong": first.pingpong,
    "pingpong-across": pingpong_across,
    "fanin": lambda n: first.one_way(n, 0, 100),
    "mutex-parallel": mutex_parallel,
    "waitgroup": first.waitgroup,
    "goroutines": first.alive,
}

if __name__ == "__main__":
    gofer.run(protocol.main, CASES)
