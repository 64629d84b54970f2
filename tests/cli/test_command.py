"""`gofer` itself, `gofer env` and `gofer test`."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from tests import programs


def gofer(*arguments: str) -> programs.Done:
    return programs.run("-m", "gofer", *arguments)


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_names_the_subcommands_and_has_examples(option: str) -> None:
    done = gofer(option)
    assert done.status == 0
    for text in ("Usage: gofer", "run", "test", "env", "Examples:", "gofer run --seed 7 main.py"):
        assert text in done.out


def test_an_unknown_subcommand_is_a_usage_error() -> None:
    done = gofer("runn", "x.py")
    assert done.status == 2
    assert "No such command 'runn'" in done.err


def test_env_says_what_runs() -> None:
    done = gofer("env")
    assert done.status == 0, done.err
    lines = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert set(lines) >= {"gofer", "python", "GIL", "core", "workers", "greenlet"}
    assert platform.python_version() in lines["python"]
    assert lines["core"].split()[0] in ("compiled", "pure")


def test_gofer_test_runs_pytest_with_goroutine_1(tmp_path: Path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(
        "from gofer import Chan, go, runtime\n\n"
        "def test_it():\n    ch = Chan()\n    go(ch.send, 5)\n    assert (ch.recv(), runtime.goid()) == (5, 1)\n"
    )
    done = gofer("test", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(path))
    assert (done.status, "1 passed" in done.out) == (0, True), done.out + done.err
    path.write_text("def test_it():\n    assert False\n")
    assert gofer("test", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(path)).status == 1
