"""`gofer run`: what the program sees is what `python` gives it; how it ends is Go's."""

from __future__ import annotations

import json
import os
import py_compile
import zipfile
from pathlib import Path

import pytest

from gofer._core.sched import scheduler
from tests import programs

COMPILED = not str(scheduler.__file__).endswith(".py")
FACTS = Path(__file__).with_name("facts.py").read_text()


def python(*command: str) -> programs.Done:
    return programs.run(*command)


def gofer_run(*arguments: str) -> programs.Done:
    return programs.run("-m", "gofer", "run", *arguments)


def facts(done: programs.Done) -> dict[str, object]:
    assert done.status == 0, done.err
    assert done.err == ""
    found: dict[str, object] = json.loads(done.out)
    return found


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "main.py"
    path.write_text(FACTS)
    return path


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("arguments", [[], ["one", "two words"], ["--seed", "3", "-m", "x", "--", "-h"]])
def test_a_script_sees_what_python_gives_it(script: Path, arguments: list[str]) -> None:
    assert facts(gofer_run(str(script), *arguments)) == facts(python(str(script), *arguments))


def test_a_link_to_a_script_has_the_directory_of_the_script_on_its_path(script: Path, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "program"
    link.symlink_to(script)
    assert facts(gofer_run(str(link))) == facts(python(str(link)))


def test_a_directory_and_a_zip_file_run_their_main(script: Path, tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text(FACTS)
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.write(script, "__main__.py")
    for path in (tmp_path / "app", tmp_path / "app.zip"):
        assert facts(gofer_run(str(path), "x")) == facts(python(str(path), "x"))


def test_a_directory_is_on_the_path_in_full(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__main__.py").write_text("import os, sys; os.chdir('/'); import beside")
    (tmp_path / "app" / "beside.py").write_text("print('found')")
    done = gofer_run(os.path.relpath(tmp_path / "app", programs.ROOT))
    assert (done.status, done.out) == (0, "found\n"), done.err


def test_a_compiled_script_runs_but_not_under_the_race_detector(script: Path, tmp_path: Path) -> None:
    compiled = str(tmp_path / "compiled.pyc")
    py_compile.compile(str(script), cfile=compiled, doraise=True)
    assert facts(gofer_run(compiled, "x")) == facts(python(compiled, "x"))
    if COMPILED:
        refused = gofer_run("-race", compiled)
        assert refused.status == 2
        assert f"cannot look for races in {compiled!r}, which is compiled: give its source" in refused.err


@pytest.mark.skipif(COMPILED, reason="about the uncompiled core")
@pytest.mark.parametrize("command", [("run", "-race", "x.py"), ("test", "-race")])
def test_the_race_detector_needs_the_compiled_core(command: tuple[str, ...]) -> None:
    refused = programs.run("-m", "gofer", *command)
    assert refused.status == 2
    assert "Error: -race needs the compiled core, and this gofer has none: install it with a C compiler" in refused.err


def test_a_module_sees_what_python_m_gives_it() -> None:
    for module in ("tests.cli.facts", "tests.cli.package"):
        for arguments in ([], ["--seed", "x"]):
            assert facts(gofer_run("-m", module, *arguments)) == facts(python("-m", module, *arguments))


def test_a_module_may_be_joined_to_its_option() -> None:
    assert (
        facts(gofer_run("--seed", "1", "-mtests.cli.facts", "-h"))["argv"]
        == facts(python("-mtests.cli.facts", "-h"))["argv"]
    )


@pytest.mark.parametrize(
    ("end", "status"),
    [("", 0), ("sys.exit(3)", 3), ("sys.exit()", 0), ("sys.exit('no')", 1), ("raise SystemExit(4)", 4)],
)
def test_the_exit_status_is_the_programs(tmp_path: Path, end: str, status: int) -> None:
    path = written(tmp_path / "main.py", f"import sys\nprint('ran')\n{end}\n")
    under_gofer, under_python = gofer_run(path), python(path)
    assert (under_gofer.status, under_gofer.out) == (status, "ran\n")
    assert under_gofer == under_python


def test_atexit_and_buffered_output_work(tmp_path: Path) -> None:
    path = written(tmp_path / "main.py", "import atexit\natexit.register(print, 'last')\nprint('first', end=' ')\n")
    assert gofer_run(path).out == "first last\n"


def test_an_exception_at_the_top_is_a_panic_without_the_commands_frames(tmp_path: Path) -> None:
    done = gofer_run(written(tmp_path / "main.py", "def f():\n    return {}['x']\n\nf()\n"))
    assert done.status == 2
    assert done.err.startswith("panic: KeyError: 'x'\n\ngoroutine 1 [running]:\nTraceback (most recent call last):\n")
    assert "click" not in done.err
    assert "gofer/cli" not in done.err


def test_a_syntax_error_is_a_panic_that_shows_the_line(tmp_path: Path) -> None:
    done = gofer_run(written(tmp_path / "main.py", "x = (1,\n"))
    assert done.status == 2
    assert "SyntaxError" in done.err
    assert "x = (1," in done.err


def test_a_deadlock_shows_the_programs_frames_only(tmp_path: Path) -> None:
    done = gofer_run(written(tmp_path / "main.py", "import gofer\ngofer.Chan().recv()\n"))
    assert done.status == 2
    assert "goroutine 1 [chan receive]:\n<module>()\n" in done.err
    assert "click" not in done.err


def test_the_source_may_declare_its_encoding(tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_bytes("# -*- coding: latin-1 -*-\nprint(ascii('é'))\n".encode("latin-1"))
    assert gofer_run(str(path)).out == "'\\xe9'\n"


def test_what_the_command_uses_is_not_imported_with_the_library() -> None:
    code = "import sys, gofer.sync, gofer.time, gofer.runtime; print({'click', 'rich'} & set(sys.modules))"
    assert python("-c", code).out == "set()\n"


def test_what_takes_long_to_import_is_not_imported_with_the_library() -> None:
    """But what `traceback` itself imports: a panic must be told where no more files can be opened."""
    code = "import sys, traceback; before = set(sys.modules); import gofer; print(*sys.modules.keys() - before)"
    imported = set(python("-c", code).out.split())
    assert "gofer._core.sched.scheduler" in imported
    late = {"asyncio", "concurrent.futures", "dataclasses", "inspect", "logging", "pathlib", "random"}
    assert not imported & late


ORDER = """
from gofer import go, runtime
from gofer.sync import WaitGroup
wg, order = WaitGroup(), []
def work(n):
    for _ in range(4):
        order.append(n)
        runtime.gosched()
for n in range(8):
    wg.go(work, n)
wg.wait()
print(order)
"""


def test_a_seed_repeats_an_order_and_another_seed_makes_another(tmp_path: Path) -> None:
    path = written(tmp_path / "main.py", ORDER)
    seven = gofer_run("--seed", "7", path)
    assert seven.status == 0, seven.err
    assert gofer_run("--seed", "7", path) == seven
    assert gofer_run("--seed", "8", path).out != seven.out


def test_procs_is_gomaxprocs(tmp_path: Path) -> None:
    path = written(tmp_path / "main.py", "from gofer import runtime\nprint(runtime.gomaxprocs())\n")
    assert gofer_run("--procs", "3", path).out == "3\n"
    assert programs.run("-m", "gofer", "run", path, GOMAXPROCS="2").out == "2\n"
    assert programs.run("-m", "gofer", "run", "--procs", "3", path, GOMAXPROCS="2").out == "3\n"


@pytest.mark.parametrize(
    ("arguments", "culprit", "remedy"),
    [
        ([], "nothing to run", "give a SCRIPT or -m MODULE"),
        (["nowhere.py"], "cannot open 'nowhere.py': No such file or directory", "give the path"),
        (["tests"], "cannot run the directory 'tests'", "__main__.py"),
        (["-m", "nowhere.at.all"], "nowhere.at.all", "dotted name"),
        (["-m"], "-m", "requires an argument"),
        (["--procs", "0", "x.py"], "'--procs': 0", "x>=1"),
        (["--procs", "many", "x.py"], "'--procs': 'many'", "not a valid integer"),
        (["--seed", "x", "x.py"], "'--seed': 'x'", "not a valid integer"),
        (["--seed", "1", "--procs", "2", "x.py"], "--seed", "one worker"),
        (["--sead", "1", "x.py"], "--sead", "--seed"),
    ],
)
def test_a_usage_error_names_the_culprit_and_the_remedy(arguments: list[str], culprit: str, remedy: str) -> None:
    done = gofer_run(*arguments)
    assert done.status == 2
    assert done.out == ""
    assert culprit in done.err
    assert remedy in done.err
    assert "Traceback" not in done.err
