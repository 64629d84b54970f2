"""The race suite: the same programs with and without `-race`."""

import dataclasses

from bench.runtimes import python
from bench.suite import Case, Ratio, Suite, Target

CASES = [
    Case("attributes", "attributes and list elements", 200_000),
    Case("scheduling", "objects that call each other, as Richards does", 200_000),
    Case("pingpong", "channel ping-pong, a message"),
    Case("locking", "a Mutex around an attribute"),
    Case("calls", "list.append, len, list.pop"),
    Case("iteration", "a loop over a list", 200_000),
    Case("dicts", "elements of a dict", 200_000),
    Case("objects", "objects made, used once and dropped"),
    Case("goroutines", "goroutines in groups of 1,000", 20_000),
    Case("heap", "memory of 1,000,000 small objects, each", 1_000_000, "bytes", exact=True, repeats=1),
]

LIMITS = {"attributes": 5, "scheduling": 6, "pingpong": 4, "locking": 5, "heap": 5}


def suite() -> Suite:
    plain = python("plain", "race", "gofer")
    race = dataclasses.replace(plain, name="race", command=[*plain.command, "-race"])
    ratio = Ratio("race", "plain")
    return Suite("race", CASES, [plain, race], [ratio], [Target(case, ratio, limit) for case, limit in LIMITS.items()])
