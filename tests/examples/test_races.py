"""Each typical race of the documentation is found, under the name it says, and its fix is silent."""

from __future__ import annotations

import re

import pytest

from gofer._core.sched import scheduler
from tests import programs

pytestmark = pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="the detector needs the compiled core")
RACES = programs.ROOT / "examples" / "races"
PAGE = (programs.ROOT / "docs" / "race.md").read_text()
PLACES = {
    "counter": "Counter.value",
    "shared_global": "dict (structure)",
    "loop_variable": "closure variable i of racy()",
    "lazy_init": "Service.config",
    "send_and_close": "channel",
    "threads": "list (structure)",
}


def test_every_example_is_tested_and_in_the_documentation() -> None:
    names = {path.stem for path in RACES.glob("*.py")}
    assert names == set(PLACES)
    for name in names:
        assert f"examples/races/{name}.py" in PAGE


@pytest.mark.parametrize("name", PLACES)
def test_the_race_is_found(name: str) -> None:
    done = programs.run("-m", "gofer", "run", "-race", str(RACES / f"{name}.py"))
    assert done.status == 66, done.err
    assert f" of {PLACES[name]} at " in done.err


@pytest.mark.parametrize("name", PLACES)
def test_the_fix_is_silent(name: str) -> None:
    done = programs.run("-m", "gofer", "run", "-race", str(RACES / f"{name}.py"), "fixed")
    assert (done.err, done.status) == ("", 0)


def test_the_annotated_report_is_a_real_one() -> None:
    done = programs.run("-m", "gofer", "run", "-race", "examples/race_counter.py")
    report = re.sub(r" at 0x[0-9a-f]+ ", " at 0x7f12 ", done.err)
    shown = "".join(f"    {line}".rstrip() + "\n" for line in report.splitlines())
    assert shown in PAGE, report


def test_the_code_in_the_documentation_is_that_of_the_examples() -> None:
    sources = "".join(path.read_text() for path in RACES.glob("*.py"))
    lines = {line.split("  #")[0].strip() for line in sources.splitlines()}
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == len(PLACES)
    for line in "".join(blocks).splitlines():
        code = line.split("  #")[0].strip()
        assert not code or code in lines, code
