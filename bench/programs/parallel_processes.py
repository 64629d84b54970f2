"""`ProcessPoolExecutor`'s side of the third suite: what parallelism costs on a build with the GIL."""

from concurrent.futures import ProcessPoolExecutor

from bench.programs import pools, protocol
from bench.programs.work import WORKERS

if __name__ == "__main__":
    with ProcessPoolExecutor(WORKERS) as pool:
        protocol.main(pools.cases(pool))
