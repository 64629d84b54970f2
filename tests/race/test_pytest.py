"""What `gofer test -race` makes of the races that are found, and what pytest shows of them."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
from tests import programs

from gofer._core.sched import scheduler

pytestmark = pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="the detector needs the compiled core")

TESTS = """
import threading
import pytest
from gofer import sync

box = {"n": 0}


def add():
    box["n"] += 1


def both():
    group = sync.WaitGroup()
    group.go(add)
    group.go(add)
    group.wait()


def test_before():
    assert box["n"] == 0


def test_racing():
    both()


def test_between():
    assert box["n"] > 0


@pytest.fixture
def racing_fixture():
    threads = [threading.Thread(target=lambda: box.update(n=5)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    yield


def test_with_racing_fixture(racing_fixture):
    pass


def test_after():
    assert box["n"] == 5
"""


def test_under_pytest(tmp_path: Path) -> None:
    path = tmp_path / "test_program.py"
    path.write_text(TESTS)
    done = programs.run("-m", "gofer", "test", "-race", "-p", "no:cacheprovider", "-rA", str(path))
    assert done.status == 1, done.out + done.err
    assert "FAILED" in done.out
    for name in ("test_before", "test_between", "test_after"):
        assert re.search(rf"PASSED \S*{name}\b", done.out), done.out
    assert re.search(r"FAILED \S*test_racing\b", done.out), done.out
    assert re.search(r"ERROR \S*test_with_racing_fixture\b", done.out), done.out
    assert "Found 2 data race(s)" in done.out
    assert "_pytest" not in done.err
    assert "pluggy" not in done.err
    assert "conftest" not in done.out
    plain = programs.run("-m", "gofer", "test", "-p", "no:cacheprovider", str(path))
    assert plain.status == 0, plain.out


def test_mistakes_in_gorace_under_pytest(tmp_path: Path) -> None:
    path = tmp_path / "test_program.py"
    path.write_text("def test_nothing():\n    pass\n")
    done = programs.run("-m", "gofer", "test", "-race", "-p", "no:cacheprovider", str(path), GORACE="exitcode=x")
    assert done.status == 4
    assert "GORACE: exitcode is a whole number" in done.err


def test_race_include_under_pytest(tmp_path: Path) -> None:
    path = tmp_path / "test_program.py"
    path.write_text(
        "import textwrap\n"
        "from gofer import sync\n"
        "def test_wrapping():\n"
        "    wrapper, group = textwrap.TextWrapper(), sync.WaitGroup()\n"
        "    def work():\n"
        "        wrapper.subsequent_indent = wrapper.fill('a b') and ''\n"
        "    group.go(work); group.go(work); group.wait()\n"
    )
    done = programs.run(
        "-m", "gofer", "test", "-race", "--race-include", "textwrap", "-p", "no:cacheprovider", "-rA", str(path)
    )
    assert re.search(r"FAILED \S*test_wrapping\b", done.out), done.out + done.err


RACING = """
import pytest
from gofer import sync


class Box:
    n = 0


def both(*bodies):
    group = sync.WaitGroup()
    for body in bodies:
        group.go(body)
    group.wait()


def in_a_function():
    box = Box()
    both(lambda: setattr(box, "n", 1), lambda: box.n)
"""


def watched(folder: Path, body: str, *options: str, **changes: str) -> programs.Done:
    """Runs tests that may use what RACING has."""
    path = folder / "test_program.py"
    path.write_text(RACING + textwrap.dedent(body))
    command = ("-m", "gofer", "test", "-race", "-p", "no:cacheprovider", *options, str(path))
    return programs.run(*command, **{"COLUMNS": "250", "CI": "", **changes})  # nothing of the summary is cut off


@pytest.mark.parametrize("options", [(), ("-s",), ("--capture=sys",), ("-rA",), ("-n1",)])
def test_each_report_is_shown_once(options: tuple[str, ...], tmp_path: Path) -> None:
    body = """
        def test_first():
            in_a_function()

        def test_second():
            box = Box()
            both(lambda: setattr(box, "other", 1), lambda: hasattr(box, "other"))
    """
    done = watched(tmp_path, body, *options)
    shown = done.out + done.err
    assert shown.count("\nWARNING: DATA RACE\n") == 2, shown
    assert len(re.findall("^(?:Write|Read) of Box.n at", shown, re.MULTILINE)) == 1
    assert len(re.findall("^(?:Write|Read) of Box.other at", shown, re.MULTILINE)) == 1
    assert shown.count("Found 2 data race(s)") == 1
    assert done.status == 1


def test_the_summary_has_the_first_words(tmp_path: Path) -> None:
    body = """
        def test_racing():
            in_a_function()

        @pytest.fixture
        def racing():
            yield
            box = Box()
            both(lambda: setattr(box, "kept", 1), lambda: setattr(box, "kept", 2))

        def test_with_fixture(racing):
            pass
    """
    done = watched(tmp_path, body)
    assert re.search(r"^FAILED \S*::test_racing - WARNING: DATA RACE: (read|write) of Box.n$", done.out, re.MULTILINE)
    assert re.search(r"^ERROR \S*::test_with_fixture - WARNING: DATA RACE: write of Box.kept$", done.out, re.MULTILINE)
    assert re.search(
        r"^\S*test_program.py:\d+: WARNING: DATA RACE", watched(tmp_path, body, "--tb=line").out, re.MULTILINE
    )
    whole = watched(tmp_path, body, CI="1")  # there pytest does not shorten what it sums up
    assert whole.out.count("Previous ") == 2, whole.out


def test_a_test_that_fails_anyway(tmp_path: Path) -> None:
    body = """
        def test_failing():
            in_a_function()
            assert Box.n == 7

        def test_skipped():
            box = Box()
            both(lambda: setattr(box, "a", 1), lambda: box.a)
            pytest.skip("after a race")

        @pytest.mark.xfail
        def test_expected():
            box = Box()
            both(lambda: setattr(box, "b", 1), lambda: setattr(box, "b", 2))
    """
    done = watched(tmp_path, body, "-rA")
    assert re.search(r"^FAILED \S*::test_failing - (AssertionError|assert )", done.out, re.MULTILINE), done.out
    assert re.search(r"^FAILED \S*::test_skipped - WARNING: DATA RACE", done.out, re.MULTILINE), done.out
    assert re.search(r"^XFAIL \S*::test_expected", done.out, re.MULTILINE), done.out
    assert done.out.count("\nWARNING: DATA RACE\n") == 2  # what was expected to fail is not shown
    assert "Found 3 data race(s)" in done.out


@pytest.mark.parametrize("options", [(), ("-n1",)])
def test_what_races_outside_of_tests_fails_the_run(options: tuple[str, ...], tmp_path: Path) -> None:
    done = watched(tmp_path, "in_a_function()\ndef test_nothing(): pass\n", *options)
    assert "1 passed" in done.out
    assert done.out.count("\nWARNING: DATA RACE\n") == 1, done.out
    assert "Found 1 data race(s)" in done.out
    assert done.status == 1


def test_a_file_gets_the_reports_as_well(tmp_path: Path) -> None:
    log = tmp_path / "races"
    done = watched(tmp_path, "def test_racing(): in_a_function()\n", GORACE=f"log_path={log}")
    assert done.out.count("\nWARNING: DATA RACE\n") == 1
    (written,) = tmp_path.glob("races.*")
    assert written.read_text().count("WARNING: DATA RACE") == 1


@pytest.mark.parametrize("options", [(), ("-s",), ("--capture=sys",), ("--capture=tee-sys",)])
def test_halt_on_error_says_why(options: tuple[str, ...], tmp_path: Path) -> None:
    """The process ends inside the test, where pytest keeps what is printed."""
    body = "def test_racing():\n    in_a_function()\n    print('went on')\n"
    done = watched(tmp_path, body, *options, GORACE="halt_on_error=1 exitcode=7")
    assert done.status == 7
    assert done.err.count("WARNING: DATA RACE") == 1, done.out
    assert "went on" not in done.out
