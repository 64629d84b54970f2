"""The processor-bound work of the third suite, the same for every Python program."""

import os
import time

WORKERS = int(os.environ.get("GOMAXPROCS", "1"))
Matrix = list[list[float]]


def milliseconds(begin: int) -> float:
    """Since `begin`, of `time.perf_counter_ns`."""
    return (time.perf_counter_ns() - begin) / 1e6


def burn() -> int:
    total = 0
    for i in range(100_000):
        total += i * i % 7
    return total


def numbers(n: int) -> list[int]:
    return [i * 7919 % n for i in range(n)]


def merge(left: list[int], right: list[int]) -> list[int]:
    merged = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    return merged + left[i:] + right[j:]


def merge_sort(values: list[int]) -> list[int]:
    if len(values) < 2:
        return values
    middle = len(values) // 2
    return merge(merge_sort(values[:middle]), merge_sort(values[middle:]))


def square(n: int) -> Matrix:
    return [[float(i + j) for j in range(n)] for i in range(n)]


def product_row(row: list[float], matrix: Matrix) -> list[float]:
    product = []
    for j in range(len(matrix)):
        total = 0.0
        for k, value in enumerate(row):
            total += value * matrix[k][j]
        product.append(total)
    return product
