"""The command."""

import pytest

from tests import programs


def test_arguments_and_main(tmp_path) -> None:
    (tmp_path / "beside.py").write_text("x = 5\n")
    text = "import sys, beside\nprint(__name__, sys.argv[1:], sys.modules['__main__'].__file__ == sys.argv[0], beside.x)\n"
    path = tmp_path / "main.py"
    path.write_text(text)
    done = programs.run("-m", "gofer", "run", str(path), "-a", "--seed", "b")
    assert (done.out, done.status) == ("__main__ ['-a', '--seed', 'b'] True 5\n", 0)


def test_a_module() -> None:
    done = programs.run("-m", "gofer", "run", "-m", "calendar", "2024", "2")
    assert done.status == 0
    assert "February 2024" in done.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run"], "give a SCRIPT or -m MODULE"),
        (["run", "nosuch.py"], "cannot read 'nosuch.py'"),
        (["run", "--procs", "0", "x.py"], "0 is not in the range"),
        (["run", "--seed", "x", "x.py"], "'x' is not a valid integer"),
        (["run", "--seed", "1", "--procs", "2", "x.py"], "--seed needs one worker"),
        (["run", "--nosuch", "x.py"], "--nosuch"),
        (["nosuch"], "No such command"),
    ],
)
def test_usage_errors(arguments: list[str], message: str) -> None:
    done = programs.run("-m", "gofer", *arguments)
    assert done.status == 2
    assert message in done.err
    assert "Traceback" not in done.err


def test_help_and_env() -> None:
    done = programs.run("-m", "gofer", "--help")
    assert "gofer run --seed 7 main.py" in done.out
    done = programs.run("-m", "gofer", "env")
    assert [line.split()[0] for line in done.out.splitlines()] == ["gofer", "python", "GIL", "core", "workers", "greenlet"]


def test_gofer_test_runs_pytest(tmp_path) -> None:
    (tmp_path / "test_it.py").write_text("import gofer\ndef test_main():\n    assert gofer.runtime.goid() == 1\n")
    assert programs.run("-m", "gofer", "test", "-q", "-p", "no:cacheprovider", str(tmp_path)).status == 0
    (tmp_path / "test_it.py").write_text("def test_no():\n    assert False\n")
    assert programs.run("-m", "gofer", "test", "-q", "-p", "no:cacheprovider", str(tmp_path)).status == 1
