"""Runs the cases of one module in this process and prints a verdict for each: `python tally.py CASES.py [SEED [NAME]]`.

A seed draws the order of the goroutines, of the cases, and how often threads are switched.
"""

from __future__ import annotations

import json
import random
import sys
import traceback
import types

from gofer import race
from gofer._core.program import launch


def seeded(seed: int, names: list[str]) -> None:
    """Everything that could change a verdict if it came from timing."""
    rng = random.Random(seed)
    rng.shuffle(names)
    sys.setswitchinterval(rng.choice([1e-6, 1e-4, 5e-3]))
    launch.use_seed(seed)


def main(path: str, seed: str = "", only: str = "") -> None:
    """Prints a JSON object: name of the case to the places of the races found, or the traceback of a failure."""
    race.enable()
    module = types.ModuleType("cases")
    module.__file__ = path
    sys.modules["cases"] = module
    exec(race.code_of(path), module.__dict__)
    names = [name for name in module.__dict__ if name.startswith("test_") and only in name]
    if seed:
        seeded(int(seed), names)
    verdicts: dict[str, object] = {}
    for name in names:
        before = len(race.reports())
        case = module.__dict__[name]
        try:
            case()
            failures = sys.modules["racing"].failed if "racing" in sys.modules else []
            if failures and name.startswith("test_norace_"):
                raise failures[0]
            failures.clear()
            found = race.reports()[before:]
            verdicts[name] = {"found": [report.location for report in found], "named": case.__doc__}
            if only:
                print("".join(report.text for report in found))
        except BaseException:
            verdicts[name] = traceback.format_exc()
    race.disable()
    print(json.dumps(verdicts))


main(*sys.argv[1:])
