"""Threads' side of the third suite: as many threads as there are workers where Go would have a goroutine a task."""

import threading
import time
from queue import Queue
from typing import Any

from bench.programs import protocol, threads, work
from bench.programs.protocol import since
from bench.programs.threads import join_all, start_all
from bench.programs.work import WORKERS, Matrix, milliseconds


def fan_out(n: int) -> float:
    def share() -> None:
        for _ in range(n // WORKERS):
            work.burn()

    begin = time.perf_counter_ns()
    join_all(start_all(WORKERS, share))
    return milliseconds(begin)


def merge_sort(values: list[int], depth: int) -> list[int]:
    if depth == 0:
        return work.merge_sort(values)
    middle = len(values) // 2
    left: list[list[int]] = []
    helper = start_all(1, lambda: left.append(merge_sort(values[:middle], depth - 1)))
    right = merge_sort(values[middle:], depth - 1)
    join_all(helper)
    return work.merge(left[0], right)


def merge_sort_case(n: int) -> float:
    values = work.numbers(n)
    begin = time.perf_counter_ns()
    merge_sort(values, 3)
    return milliseconds(begin)


def matrix(n: int) -> float:
    square = work.square(n)
    product: Matrix = [[] for _ in range(n)]

    def share(first: int) -> None:
        for i in range(first, n, WORKERS):
            product[i] = work.product_row(square[i], square)

    begin = time.perf_counter_ns()
    helpers = [threading.Thread(target=share, args=(first,)) for first in range(WORKERS)]
    for helper in helpers:
        helper.start()
    join_all(helpers)
    return milliseconds(begin)


def mutex_parallel(n: int) -> float:
    lock = threading.Lock()
    total = 0

    def count() -> None:
        nonlocal total
        for _ in range(n // WORKERS):
            lock.acquire()
            total += 1
            lock.release()

    begin = time.perf_counter_ns()
    join_all(start_all(WORKERS, count))
    return since(begin, n)


def sieve(n: int) -> float:
    """The threads are left blocked, and end with the process."""

    def generate(out: Queue[int]) -> None:
        i = 2
        while True:
            out.put(i)
            i += 1

    def strain(prime: int, source: Queue[int], out: Queue[int]) -> None:
        while True:
            i = source.get()
            if i % prime:
                out.put(i)

    begin = time.perf_counter_ns()
    queue = Queue[int](1)
    threading.Thread(target=generate, args=(queue,), daemon=True).start()
    for _ in range(n):
        out = Queue[int](1)
        threading.Thread(target=strain, args=(queue.get(), queue, out), daemon=True).start()
        queue = out
    return milliseconds(begin)


CASES: dict[str, Any] = {
    "fanout": fan_out,
    "mergesort": merge_sort_case,
    "matrix": matrix,
    "sieve": sieve,
    "pingpong": threads.pingpong,
    "pingpong-across": threads.pingpong,
    "fanin": lambda n: threads.one_way(n, 1, 100),
    "mutex-parallel": mutex_parallel,
    "waitgroup": threads.start,
}

if __name__ == "__main__":
    protocol.main(CASES)
