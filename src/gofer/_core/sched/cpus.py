"""How many processors this process may use: its affinity, and the quota of its control group. Linux; elsewhere all."""

from __future__ import annotations

import math
import os
from collections.abc import Callable


def usable() -> int:
    """Those of the affinity mask. Go: `runtime.NumCPU`."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def default() -> int:
    """As many as are worth using: Go's default of GOMAXPROCS, the quota rounded up where it is less, but at least 2."""
    count = usable()
    limit = quota()
    return count if limit is None else min(count, max(2, math.ceil(limit)))


def quota(root: str | os.PathLike[str] = "/") -> float | None:
    """Processors' worth of time that the control group, or one above it, allows; None where there is no limit."""
    limits = []
    for line in _lines(os.path.join(root, "proc/self/cgroup")):
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            limits += _limits(os.path.join(root, "sys/fs/cgroup"), path, _limit_v2)
        elif "cpu" in controllers.split(","):
            limits += _limits(os.path.join(root, "sys/fs/cgroup/cpu"), path, _limit_v1)
    return min(limits, default=None)


def _limits(mount: str, path: str, limit_of: Callable[[str], float | None]) -> list[float]:
    names = [name for name in path.split("/") if name]
    found = []
    for depth in range(len(names), -1, -1):
        limit = limit_of(os.path.join(mount, *names[:depth]))
        if limit is not None:
            found.append(limit)
    return found


def _limit_v2(group: str) -> float | None:
    for line in _lines(os.path.join(group, "cpu.max")):
        most, _, period = line.partition(" ")
        return None if most == "max" else int(most) / int(period or 100_000)
    return None


def _limit_v1(group: str) -> float | None:
    most = [int(line) for line in _lines(os.path.join(group, "cpu.cfs_quota_us"))]
    period = [int(line) for line in _lines(os.path.join(group, "cpu.cfs_period_us"))]
    return most[0] / period[0] if most and period and most[0] > 0 else None


def _lines(path: str) -> list[str]:
    try:
        with open(path) as file:
            return file.read().splitlines()
    except OSError:
        return []
