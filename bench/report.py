"""What is printed: the figures, the ratios, the targets; or all of it as JSON."""

import os
import platform
import statistics
import sys
from collections.abc import Sequence
from typing import Any

from bench import runtimes
from bench.suite import Samples, Suite, Target, best


def text(suite: Suite, samples: Samples, failures: Sequence[str], load: float) -> str:
    parts = [machine(load), figures(suite, samples), ratios(suite, samples), targets(suite, samples)]
    missing = [f"{runtime.name} is not measured: {runtime.missing}" for runtime in suite.runtimes if runtime.missing]
    return "\n\n".join(part for part in [*parts, "\n".join([*missing, *failures])] if part)


def machine(load: float) -> str:
    gil = getattr(sys, "_is_gil_enabled", lambda: True)()
    python = f"{platform.python_implementation()} {platform.python_version()}{'' if gil else ' free-threaded'}"
    where = f"{platform.machine()}, {os.cpu_count()} processors"
    return f"{python}, gofer: {runtimes.core()}, {where}, load before the run {load:.2f}"


def figures(suite: Suite, samples: Samples) -> str:
    rows = [["minimum / median", "unit", *(runtime.name for runtime in suite.runtimes)]]
    for case in suite.cases:
        cells = [_figure(samples.get((case.name, runtime.name))) for runtime in suite.runtimes]
        rows.append([case.title, case.unit, *cells])
    return _table(rows)


def ratios(suite: Suite, samples: Samples) -> str:
    rows = [["ratio of minimums", *map(str, suite.ratios)]]
    for case in suite.cases:
        values = [ratio.of(case.name, samples) for ratio in suite.ratios]
        if any(value is not None for value in values):
            rows.append([case.title, *("-" if value is None else f"{value:.2f}" for value in values)])
    return _table(rows) if len(rows) > 1 else ""


def targets(suite: Suite, samples: Samples) -> str:
    rows = [["target", "figure", "limit", "measured", "verdict"]]
    titles = {case.name: case.title for case in suite.cases}
    for target in suite.targets:
        if target.case in titles:
            value = target.value(samples)
            limit = f"{'>=' if target.at_least else '<='} {target.limit:g}"
            shown = "-" if value is None else f"{value:.2f}"
            rows.append([titles[target.case], str(target.figure), limit, shown, target.verdict(samples)])
    mean = suite.mean(samples)
    if mean is not None:
        verdict = "met" if mean <= suite.mean_limit else "missed"
        rows.append(["geometric mean", str(suite.ratios[0]), f"<= {suite.mean_limit:g}", f"{mean:.2f}", verdict])
    return _table(rows) if len(rows) > 1 else ""


def data(suite: Suite, samples: Samples, failures: Sequence[str], load: float) -> dict[str, Any]:
    """The same, for other programs."""
    return {
        "suite": suite.name,
        "machine": machine(load),
        "cases": [
            {
                "case": case.name,
                "title": case.title,
                "unit": case.unit,
                "runtimes": {
                    runtime.name: {
                        "minimum": best(samples, case.name, runtime.name),
                        "median": statistics.median(values),
                        "samples": values,
                    }
                    for runtime in suite.runtimes
                    if (values := samples.get((case.name, runtime.name)))
                },
            }
            for case in suite.cases
        ],
        "targets": [_target(target, samples) for target in suite.targets],
        "geometric_mean": suite.mean(samples),
        "missing": {runtime.name: runtime.missing for runtime in suite.runtimes if runtime.missing},
        "failures": list(failures),
    }


def _target(target: Target, samples: Samples) -> dict[str, Any]:
    return {
        "case": target.case,
        "figure": str(target.figure),
        "limit": target.limit,
        "at_least": target.at_least,
        "measured": target.value(samples),
        "verdict": target.verdict(samples),
    }


def _figure(values: Sequence[float] | None) -> str:
    return " / ".join(_number(value) for value in (min(values), statistics.median(values))) if values else "-"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be: the first to the left, the others to the right; a rule below the head."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first, *others = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append("  ".join([first, *(cell.strip().rjust(len(cell)) for cell in others)]))
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
