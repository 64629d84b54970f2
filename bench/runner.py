"""Runs the programs. Each case of each runtime gets a fresh process, and the runtimes take turns within a case."""

import json
import subprocess
from collections.abc import Callable, Iterable

from bench.suite import Case, Runtime, Samples, Suite

TIMEOUT = 300  # seconds; a program that takes longer has failed


class ProgramError(Exception):
    """A program ended with an error, said something that is no measurement, or took too long."""


def measure(suite: Suite, rounds: int, quick: bool, say: Callable[[str], None]) -> tuple[Samples, list[str]]:
    """All of the suite's cases on all runtimes that are there, and what failed; `say` is told the progress."""
    samples: Samples = {}
    failures: list[str] = []
    gone: set[tuple[str, str]] = set()  # the runtime has no such case, or failed in it
    for number in range(1, rounds + 1):
        for case in _programs(suite.cases):
            say(f"round {number} of {rounds}: {case.program or case.name}")
            for runtime in suite.runtimes:
                key = case.program or case.name, runtime.name
                if runtime.missing or key in gone:
                    continue
                try:
                    measured = run(runtime, case, quick)
                except ProgramError as error:
                    failures.append(f"{runtime.name} failed in {key[0]}: {error}")
                    measured = []
                if not measured:
                    gone.add(key)
                for name, value in measured:
                    samples.setdefault((name, runtime.name), []).append(value)
    return samples, failures


def _programs(cases: Iterable[Case]) -> list[Case]:
    """One case for each of the programs' cases."""
    return list({case.program or case.name: case for case in cases}.values())


def operations(case: Case, runtime: Runtime, quick: bool) -> int:
    if case.exact:
        return case.n
    return max(case.n // runtime.divisor // (10 if quick else 1), min(case.n, 1000))


def run(runtime: Runtime, case: Case, quick: bool) -> list[tuple[str, float]]:
    n = operations(case, runtime, quick)
    command = [*runtime.command, case.program or case.name, str(n), str(1 if quick else case.repeats)]
    try:
        done = subprocess.run(
            command, env=runtime.environment, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramError(f"no answer within {TIMEOUT} s") from error
    if done.returncode:
        raise ProgramError(f"status {done.returncode}: {_gist(done.stderr)}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return [(line["case"], float(line["value"])) for line in lines]


def _gist(stderr: str) -> str:
    """The line that says what went wrong: a traceback's last, else the first."""
    lines = stderr.strip().splitlines() or [""]
    return lines[-1] if lines[0].startswith("Traceback") else lines[0]
