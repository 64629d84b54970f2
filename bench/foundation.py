"""The first suite: goroutines, channels, select, locks and timers beside Go on one processor and Python's runtimes."""

from bench.runtimes import go, python
from bench.suite import Case, Ratio, Suite, Target

CASES = [
    Case("start", "start + finish, 1,000 at a time"),
    Case("alive", "start + finish, 100,000 alive", exact=True, repeats=1),
    Case("park", "start, park, wake, finish, 10,000, cold", 10_000, exact=True, repeats=1),
    Case("pingpong", "ping-pong, a message"),
    Case("unbuffered", "unbuffered, one way"),
    Case("buffered", "buffered 100", 400_000),
    Case("fanin", "fan-in, 100 to 1"),
    Case("yield", "yield", 200_000),
    Case("select2", "select of 2, blocking"),
    Case("select2-ready", "select of 2, ready"),
    Case("select8", "select of 8, blocking", 80_000),
    Case("select8-ready", "select of 8, ready", 80_000),
    Case("waitgroup", "WaitGroup with 1,000"),
    Case("mutex", "Mutex, uncontended", 400_000),
    Case("mutex-contended", "Mutex, 10 contend"),
    Case("timer", "timer start + stop"),
    Case("sleep", "sleep of 10,000, processor time", 10_000, exact=True, repeats=1),
    Case("memory", "memory, parked", 100_000, "bytes", exact=True, repeats=1),
    Case("import", "import", 10, "ms", exact=True, repeats=1),
]

MILLION = [
    Case("million-park", "park 1,000,000", 1_000_000, "s", exact=True, repeats=1, program="million"),
    Case("million-memory", "memory of 1,000,000 parked", 1_000_000, "GB", exact=True, repeats=1, program="million"),
    Case("million-release", "release 1,000,000", 1_000_000, "s", exact=True, repeats=1, program="million"),
]

AGAINST_GO = {
    "start": 1.5,
    "alive": 0.5,
    "park": 3,
    "pingpong": 2,
    "unbuffered": 2,
    "fanin": 2,
    "buffered": 2.5,
    "yield": 4,
    "select2": 2.5,
}


def suite(million: bool = False) -> Suite:
    """`million` adds a million goroutines parked at once: some 7 GB and half a minute a round."""
    asyncio, gevent = Ratio("asyncio", "gofer"), Ratio("gevent", "gofer")
    return Suite(
        "foundation",
        CASES + (MILLION if million else []),
        [
            go("go"),
            python("gofer", "gofer", "gofer"),
            python("asyncio", "asyncio", "asyncio", divisor=10),
            python("uvloop", "uvloop", "uvloop", divisor=10),
            python("gevent", "gevent", "gevent", divisor=10),
            python("threads", "threads", "threading", divisor=100),
        ],
        [Ratio("gofer", "go"), asyncio, Ratio("uvloop", "gofer"), gevent, Ratio("threads", "gofer")],
        [
            *(Target(case, Ratio("gofer", "go"), limit) for case, limit in AGAINST_GO.items()),
            *(Target(case, asyncio, 8, at_least=True) for case in AGAINST_GO),
            *(Target(case, gevent, 2, at_least=True) for case in AGAINST_GO if case != "select2"),
            Target("memory", "gofer", 6_400),
            Target("import", "gofer", 40),
            Target("million-park", "gofer", 25),
            Target("million-memory", "gofer", 7),
            Target("million-release", "gofer", 2),
        ],
        tuple(AGAINST_GO),
        1.7,
    )
