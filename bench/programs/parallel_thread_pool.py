"""`ThreadPoolExecutor`'s side of the third suite."""

import functools
from concurrent.futures import ThreadPoolExecutor

from bench.programs import pools, protocol
from bench.programs.work import WORKERS

if __name__ == "__main__":
    with ThreadPoolExecutor(WORKERS) as pool:
        protocol.main(pools.cases(pool) | {"goroutines": functools.partial(pools.tasks, pool)})
