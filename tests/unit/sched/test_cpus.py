"""How many processors are counted, with control groups of version 1 and 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from gofer._core.sched import cpus


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"proc/self/cgroup": "0::/\n"}, None),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n"}, None),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "250000 100000\n"}, 2.5),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n",
                "sys/fs/cgroup/a/cpu.max": "150000 50000\n",
            },
            3.0,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/docker/x\n3:memory:/docker/x\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "50000\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            0.5,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu,cpuacct:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            None,
        ),
    ],
)
def test_the_quota_of_a_control_group(tmp_path: Path, files: dict[str, str], expected: float | None) -> None:
    assert cpus.quota(write(tmp_path, files)) == expected


@pytest.mark.parametrize(("limit", "expected"), [(None, 8), (0.5, 2), (2.0, 2), (2.5, 3), (7.01, 8), (64.0, 8)])
def test_the_default_is_gos(monkeypatch: pytest.MonkeyPatch, limit: float | None, expected: int) -> None:
    monkeypatch.setattr(cpus, "usable", lambda: 8)
    monkeypatch.setattr(cpus, "quota", lambda: limit)
    assert cpus.default() == expected
