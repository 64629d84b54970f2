"""The race suite: the same programs with and without `-race`; with `--hookless` also on a core without hooks.

Without `-race` the hooks cost one predictable branch an operation of the core: `plain` over `hookless` shows it.
"""

import dataclasses

from bench import hookless
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
    Case("inserts", "new keys of a dict"),
    Case("stores", "an element of an attribute, augmented"),
    Case("slices", "slices read and stored"),
    Case("deques", "deque.append, deque.popleft"),
    Case("functions", "a closure that counts, called"),
    Case("arithmetic", "local variables only", 200_000),
    Case("objects", "objects made, used once and dropped"),
    Case("goroutines", "goroutines in groups of 1,000", 20_000),
    Case("heap", "memory of 1,000,000 small objects, each", 1_000_000, "bytes", exact=True, repeats=1),
]

LIMITS = {"attributes": 5, "scheduling": 6, "pingpong": 4, "locking": 5, "heap": 5}


OFF = ("pingpong", "locking", "goroutines")  # where the core works most
OFF_LIMIT = 1.05


def suite(build_hookless: bool = False) -> Suite:
    plain = python("plain", "race", "gofer")
    race = dataclasses.replace(plain, name="race", command=[*plain.command, "-race"])
    without = hookless.runtime("hookless", "race", build_hookless)
    ratio, off = Ratio("race", "plain"), Ratio("plain", "hookless")
    targets = [Target(case, ratio, limit) for case, limit in LIMITS.items()]
    if build_hookless:
        targets += [Target(case, off, OFF_LIMIT) for case in OFF]
    return Suite("race", CASES, [plain, without, race], [ratio, off], targets)
