"""Parallel work on any Python: processes compute, goroutines wait for them. Expect: the sum of 8 squares, 140."""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor

from gofer import Chan, go, wait


def main() -> None:
    results: Chan[int] = Chan()
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        for n in range(8):
            future = pool.submit(pow, n, 2)
            go(lambda future=future: results.send(wait(future)))
        print("sum of squares:", sum(results.recv() for _ in range(8)))


if __name__ == "__main__":
    main()
