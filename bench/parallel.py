"""The third suite: many workers, beside Go with the same GOMAXPROCS, threads, and pools on the same interpreter."""

import sys

from bench.runtimes import go, python
from bench.suite import Case, Ratio, Suite, Target

CASES = [
    Case("fanout", "processor-bound fan-out, 32 tasks", 32, "ms", exact=True),
    Case("mergesort", "mergesort of 40,000", 40_000, "ms", exact=True),
    Case("matrix", "matrix product, 96 x 96", 96, "ms", exact=True),
    Case("sieve", "prime sieve, 200 primes", 200, "ms", exact=True, repeats=1),
    Case("pingpong", "ping-pong, a message"),
    Case("pingpong-across", "ping-pong across workers, a message"),
    Case("fanin", "fan-in, 100 to 1"),
    Case("mutex-parallel", "Mutex, a goroutine a worker contends"),
    Case("waitgroup", "WaitGroup with 1,000"),
    Case("goroutines", "100,000 goroutines", exact=True, repeats=1),
]


def suite(workers: int) -> Suite:
    free_threaded = not getattr(sys, "_is_gil_enabled", lambda: True)()
    runtimes = [
        go("go", workers),
        go("go x1"),
        python("gofer", "parallel", "gofer", workers),
        python("gofer x1", "parallel", "gofer"),
        python("threads", "parallel_threads", "threading", workers, divisor=100),
        python("thread pool", "parallel_thread_pool", "threading", workers),
    ]
    speed_up = [Target("fanout", Ratio("gofer x1", "gofer"), 1.8, at_least=True)]
    rivals = [Ratio("threads", "gofer"), Ratio("thread pool", "gofer")]
    if not free_threaded:
        runtimes.append(python("processes", "parallel_processes", "multiprocessing", workers))
        rivals.append(Ratio("processes", "gofer"))
    return Suite(
        f"parallel, {workers} workers",
        CASES,
        runtimes,
        [Ratio("gofer", "go"), Ratio("gofer x1", "gofer"), Ratio("go x1", "go"), *rivals],
        [
            *(speed_up if free_threaded and workers > 1 else []),
            *(Target(case, Ratio("gofer", "gofer x1"), 1.3) for case in ("pingpong", "fanin", "sieve")),
            Target("pingpong-across", "gofer", 2_000),
        ],
    )
