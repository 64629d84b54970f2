"""Runs the cases of one module in this process and prints a verdict for each: `python tally.py CASES.py`."""

from __future__ import annotations

import json
import sys
import traceback
import types

from gofer import race


def main(path: str) -> None:
    """Prints a JSON object: name of the case to the number of races found, or the traceback of a failure."""
    race.enable()
    module = types.ModuleType("cases")
    module.__file__ = path
    sys.modules["cases"] = module
    exec(race.code_of(path), module.__dict__)
    verdicts: dict[str, object] = {}
    for name, case in list(module.__dict__.items()):
        if name.startswith("test_"):
            before = len(race.reports())
            try:
                case()
                verdicts[name] = len(race.reports()) - before
            except Exception:
                verdicts[name] = traceback.format_exc()
    race.disable()
    print(json.dumps(verdicts))


main(sys.argv[1])
