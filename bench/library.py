"""The library suite: sync, atomic and the maps beside what Python has in their place, in one process each."""

from bench.runtimes import python
from bench.suite import Case, Ratio, Suite, Target

CASES = [
    Case("with-mutex", "Mutex as a context manager", 400_000),
    Case("with-reader", "RWMutex, read lock", 400_000),
    Case("map-load", "sync.Map.load (dict.get)", 400_000),
    Case("atomic-add", "atomic.Int64.add (next of a count)", 400_000),
    Case("map-get", "gofer.Map, get", 400_000),
    Case("map-set", "gofer.Map, set", 400_000),
    Case("context-cancel", "context.with_cancel and cancel", 100_000),
    Case("errgroup-1000", "errgroup of 1,000", 20_000, program="groups"),
    Case("waitgroup-1000", "WaitGroup of 1,000", 20_000, program="groups"),
    Case("aio-handover", "a value from a goroutine to asyncio (call_soon_threadsafe)", 3_000),
    Case("aio-stream", "values from a goroutine to asyncio, buffered 100 (likewise)", 10_000),
]

# What a case of gofer may cost, as a multiple of Python's own; a loop's cost is in both.
AGAINST_PYTHON = {
    "with-mutex": 1.5,
    "with-reader": 3,  # twice the Mutex
    "map-load": 3,
    "atomic-add": 2,
    "map-get": 2,
    "map-set": 2,
    "aio-handover": 2,
    "aio-stream": 2,
}
CANCEL_NS = 1500


def suite() -> Suite:
    against = Ratio("gofer", "python")
    return Suite(
        "library",
        CASES,
        [python("gofer", "library", "gofer"), python("python", "library_python", "threading")],
        [against],
        [
            *(Target(case, against, limit) for case, limit in AGAINST_PYTHON.items()),
            Target("context-cancel", "gofer", CANCEL_NS),
            Target("errgroup-1000", Ratio("gofer", "gofer", over="waitgroup-1000"), 2),
        ],
    )
