"""What every program speaks: `PROGRAM CASE N REPEATS` prints a line `{"case": ..., "value": ...}` for each repetition.

A program that does not have the case prints nothing. A case is a function of n, the number of operations, that
returns what it measured in the case's unit (nanoseconds an operation, unless the suite says otherwise); one that
measures several things at once returns a dictionary of them. The Go program speaks the same.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

Case = Callable[[int], float | dict[str, float]]


def main(cases: Mapping[str, Case]) -> None:
    name, n, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    case = cases.get(name)
    if case is None:
        return
    for _ in range(repeats):
        gc.collect()
        measured = case(n)
        for metric, value in measured.items() if isinstance(measured, dict) else [(name, measured)]:
            print(json.dumps({"case": metric, "value": value}), flush=True)


def since(start: int, n: int) -> float:
    """Nanoseconds an operation since `start` (of `time.perf_counter_ns`)."""
    return (time.perf_counter_ns() - start) / n


def resident() -> int:
    """Resident memory of this process in bytes."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def import_cost(module: str) -> Case:
    """Milliseconds that `import module` adds to `python -c pass`, the best of n interleaved pairs."""

    def case(n: int) -> float:
        pairs = [(_interpreter("pass"), _interpreter(f"import {module}")) for _ in range(n)]
        return (min(imported for _, imported in pairs) - min(bare for bare, _ in pairs)) / 1e6

    return case


def _interpreter(code: str) -> int:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter_ns()
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    return time.perf_counter_ns() - start
