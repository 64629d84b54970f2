"""Measures gofer beside Go and other runtimes in one run and prints the ratios; never fails because of a time."""

import argparse
import dataclasses
import json
import os
import sys

from bench import foundation, library, parallel, race, report
from bench.runner import measure
from bench.suite import Suite


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("suite", nargs="?", choices=["foundation", "library", "parallel", "race"], default="foundation")
    parser.add_argument("--quick", action="store_true", help="fewer operations and rounds: a glance, not a figure")
    parser.add_argument("--only", metavar="CASE", action="append", help="this case only (may be given several times)")
    parser.add_argument("--rounds", type=int, help="how often each program runs (5, with --quick 1)")
    parser.add_argument("--json", action="store_true", help="print everything measured as JSON")
    parser.add_argument("--million", action="store_true", help="also park 1,000,000 goroutines (7 GB)")
    parser.add_argument("--workers", type=int, default=2, help="GOMAXPROCS of the parallel suite (2)")
    parser.add_argument("--hookless", action="store_true", help="race suite: also build gofer without hooks (minutes)")
    chosen = parser.parse_args()
    if chosen.rounds is None:
        chosen.rounds = 1 if chosen.quick else 5
    return chosen


def named(chosen: argparse.Namespace) -> Suite:
    if chosen.suite == "race":
        return race.suite(chosen.hookless)
    if chosen.suite == "library":
        return library.suite()
    return parallel.suite(chosen.workers) if chosen.suite == "parallel" else foundation.suite(chosen.million)


def suite(chosen: argparse.Namespace) -> Suite:
    whole = named(chosen)
    if not chosen.only:
        return whole
    unknown = set(chosen.only) - {case.name for case in whole.cases}
    if unknown:
        names = ", ".join(case.name for case in whole.cases)
        sys.exit(f"no such case: {', '.join(sorted(unknown))}; there are: {names}")
    cases = [case for case in whole.cases if case.name in chosen.only]
    targets = [target for target in whole.targets if target.case in chosen.only]
    return dataclasses.replace(whole, cases=cases, targets=targets)


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    chosen = options()
    selected = suite(chosen)
    load = os.getloadavg()[0]
    samples, failures = measure(selected, chosen.rounds, chosen.quick, say)
    if chosen.json:
        print(json.dumps(report.data(selected, samples, failures, load), indent=2))
    else:
        print(report.text(selected, samples, failures, load))


if __name__ == "__main__":
    main()
