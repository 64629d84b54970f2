"""What `-race` is measured with: `python -m bench.programs.race [-race] CASE N REPEATS`, one JSON line."""

import json
import resource
import sys
import time
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

BODY = Path(__file__).with_name("race_body.py")


def body(race: bool) -> dict[str, Any]:
    """The functions to measure, with probes in them under `race`."""
    module = sys.modules["race_body"] = types.ModuleType("race_body")
    space = module.__dict__
    if race:
        from gofer import race as detector

        detector.enable()
        exec(detector.code_of(str(BODY)), space)
    else:
        exec(compile(BODY.read_text(), str(BODY), "exec"), space)
    return space


def seconds(run: Callable[[int], object], n: int) -> float:
    """Processor time: what else the machine does matters less."""
    start = time.process_time()
    run(n)
    return time.process_time() - start


def main() -> None:
    case, n, repeats = [text for text in sys.argv[1:] if text != "-race"]
    run = body("-race" in sys.argv)[case]
    if case == "heap":
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        kept = run(int(n))
        value = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / len(kept)
    else:
        value = min(seconds(run, int(n)) for _ in range(int(repeats))) / int(n) * 1e9
    print(json.dumps({"case": case, "value": value}))


main()
