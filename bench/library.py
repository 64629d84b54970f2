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
]

# What a case of gofer may cost, as a multiple of Python's own; a loop's cost is in both.
AGAINST_PYTHON = {
    "with-mutex": 1.5,
    "with-reader": 3,  # twice the Mutex
    "map-load": 3,
    "atomic-add": 2,
    "map-get": 2,
    "map-set": 2,
}


def suite() -> Suite:
    against = Ratio("gofer", "python")
    return Suite(
        "library",
        CASES,
        [python("gofer", "library", "gofer"), python("python", "library_python", "threading")],
        [against],
        [Target(case, against, limit) for case, limit in AGAINST_PYTHON.items()],
    )
