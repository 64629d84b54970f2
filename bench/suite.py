"""What a suite is made of: cases, runtimes, the ratios to print and the targets to check."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

# What was measured: by case and runtime, all repetitions of all rounds.
Samples = dict[tuple[str, str], list[float]]


@dataclass(frozen=True)
class Case:
    """A thing to measure. `program` names the programs' case where one case of theirs measures several things."""

    name: str
    title: str
    n: int = 100_000
    unit: str = "ns"
    exact: bool = False  # n is part of what is measured: neither --quick nor a slow runtime makes it smaller
    repeats: int = 3  # in one process
    program: str = ""


@dataclass(frozen=True)
class Runtime:
    """A program and how to start it. `divisor` makes n smaller for the slow ones; `missing` says why there is none."""

    name: str
    command: Sequence[str]
    divisor: int = 1
    missing: str = ""
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ratio:
    """The best of one runtime over the best of another, in one case, or over that in the case `over`."""

    top: str
    bottom: str
    over: str = ""

    def __str__(self) -> str:
        return f"{self.top}/{self.bottom}{f' {self.over}' if self.over else ''}"

    def of(self, case: str, samples: Samples) -> float | None:
        top, bottom = best(samples, case, self.top), best(samples, self.over or case, self.bottom)
        return None if top is None or bottom is None or bottom <= 0 else top / bottom


@dataclass(frozen=True)
class Target:
    """What a case has to reach: a ratio, or the figure of one runtime; `limit` is a most, unless `at_least`."""

    case: str
    figure: Ratio | str
    limit: float
    at_least: bool = False

    def value(self, samples: Samples) -> float | None:
        if isinstance(self.figure, Ratio):
            return self.figure.of(self.case, samples)
        return best(samples, self.case, self.figure)

    def verdict(self, samples: Samples) -> str:
        value = self.value(samples)
        if value is None:
            return "not measured"
        return "met" if (value >= self.limit if self.at_least else value <= self.limit) else "missed"


@dataclass(frozen=True)
class Suite:
    """`mean_of` are the cases whose geometric mean of the first ratio has to be `mean_limit` at most."""

    name: str
    cases: Sequence[Case]
    runtimes: Sequence[Runtime]
    ratios: Sequence[Ratio]
    targets: Sequence[Target]
    mean_of: Sequence[str] = ()
    mean_limit: float = math.inf

    def mean(self, samples: Samples) -> float | None:
        """Geometric mean of the first ratio; none unless all of its cases were measured."""
        values = [self.ratios[0].of(case, samples) for case in self.mean_of]
        known = [value for value in values if value is not None]
        return statistics.geometric_mean(known) if known and len(known) == len(values) else None


def best(samples: Samples, case: str, runtime: str) -> float | None:
    values = samples.get((case, runtime))
    return min(values) if values else None
