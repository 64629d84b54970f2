"""How many processors this process may use: its affinity, and the quota of its control group. Linux; elsewhere all."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath


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


def quota(root: Path = Path("/")) -> float | None:
    """Processors' worth of time that the control group, or one above it, allows; None where there is no limit."""
    limits = []
    for line in _lines(root / "proc/self/cgroup"):
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            limits += _limits(root / "sys/fs/cgroup", path, _limit_v2)
        elif "cpu" in controllers.split(","):
            limits += _limits(root / "sys/fs/cgroup" / "cpu", path, _limit_v1)
    return min(limits, default=None)


def _limits(mount: Path, path: str, limit_of: Callable[[Path], float | None]) -> list[float]:
    inside = PurePosixPath(path.lstrip("/"))
    found = []
    for group in (inside, *inside.parents):
        limit = limit_of(mount / group)
        if limit is not None:
            found.append(limit)
    return found


def _limit_v2(group: Path) -> float | None:
    for line in _lines(group / "cpu.max"):
        most, _, period = line.partition(" ")
        return None if most == "max" else int(most) / int(period or 100_000)
    return None


def _limit_v1(group: Path) -> float | None:
    most = [int(line) for line in _lines(group / "cpu.cfs_quota_us")]
    period = [int(line) for line in _lines(group / "cpu.cfs_period_us")]
    return most[0] / period[0] if most and period and most[0] > 0 else None


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except OSError:
        return []
