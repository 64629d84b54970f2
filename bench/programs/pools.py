"""What an executor of `concurrent.futures` can do of the third suite; it is started and warm before the clock."""

import functools
import time
from concurrent.futures import Executor
from typing import Any

from bench.programs import work
from bench.programs.protocol import since
from bench.programs.work import WORKERS, milliseconds


def burn(_: int) -> int:
    return work.burn()


def nothing(_: int) -> None:
    pass


def fan_out(pool: Executor, n: int) -> float:
    begin = time.perf_counter_ns()
    list(pool.map(burn, range(n)))
    return milliseconds(begin)


def merge_sort(pool: Executor, n: int) -> float:
    values = work.numbers(n)
    begin = time.perf_counter_ns()
    size = -(-n // WORKERS)
    parts = pool.map(work.merge_sort, [values[i : i + size] for i in range(0, n, size)])
    functools.reduce(work.merge, parts)
    return milliseconds(begin)


def matrix(pool: Executor, n: int) -> float:
    square = work.square(n)
    begin = time.perf_counter_ns()
    list(pool.map(functools.partial(work.product_row, matrix=square), square, chunksize=-(-n // WORKERS)))
    return milliseconds(begin)


def tasks(pool: Executor, n: int) -> float:
    begin = time.perf_counter_ns()
    for future in [pool.submit(nothing, 0) for _ in range(n)]:
        future.result()
    return since(begin, n)


def cases(pool: Executor) -> dict[str, Any]:
    list(pool.map(nothing, range(10 * WORKERS)))
    return {
        "fanout": functools.partial(fan_out, pool),
        "mergesort": functools.partial(merge_sort, pool),
        "matrix": functools.partial(matrix, pool),
    }
