"""The tool that changes the core: what it changes, what it leaves out, and that it tells what no test notices."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests import processes
from tests.mutants import __main__ as tool
from tests.mutants import operators
from tests.mutants.tests_of import TESTS

SAMPLE = '''
"""About nothing."""
LIMIT = 5

class Box:
    def __init__(self):
        self.held = False

    def take(self, wanted: int = 3) -> bool:
        """What no mutant is about."""
        if self.held and wanted < LIMIT:
            raise ValueError(f"{wanted + 1} is too much")
        self.held = True
        while wanted:
            wanted -= 1
            if wanted == 2:
                break
        if HOOKS.on and self.held:
            HOOKS.tool.acquire(self.clock)
        else:
            self.note(
                wanted,
                not wanted,
            )
        self.clock = HOOKS.tool.snapshot()
        return self.held
'''
EXPECTED = {
    ("if self.held and wanted < LIMIT:", "if (self.held) or (wanted < LIMIT):"),
    ("if self.held and wanted < LIMIT:", "if (self.held):"),
    ("if self.held and wanted < LIMIT:", "if (wanted < LIMIT):"),
    ("if self.held and wanted < LIMIT:", "if self.held and wanted <= LIMIT:"),
    ('raise ValueError(f"{wanted + 1} is too much")', "pass"),
    ("self.held = True", "pass"),
    ("self.held = True", "self.held = False"),
    ("wanted -= 1", "pass"),
    ("wanted -= 1", "wanted -= 2"),
    ("if wanted == 2:", "if wanted != 2:"),
    ("if wanted == 2:", "if wanted == 3:"),
    ("break", "continue"),
    ("self.note( wanted, not wanted, )", "pass"),
    ("not wanted,", "wanted,"),
    ("return self.held", "return None"),
}


def test_what_is_changed_and_what_is_left_out() -> None:
    assert {(m.before, m.after) for m in operators.of("box", SAMPLE)} == EXPECTED | {
        ("self.held = False", "self.held = True")
    }


@pytest.mark.parametrize("module", ["errgroup", "lineage", "mutex"])
def test_each_mutant_is_a_text_with_one_change_on_the_same_lines(module: str) -> None:
    text = tool.source(module)
    for mutant in operators.of(module, text):
        ast.parse(mutant.text)
        before, after = text.splitlines(), mutant.text.splitlines()
        assert len(before) == len(after)
        changed = [n for n, (one, other) in enumerate(zip(before, after, strict=True), 1) if one != other]
        assert changed and changed[0] >= mutant.line


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    one, again, other = (tool.chosen(["chan", "mutex"], 20, seed) for seed in (3, 3, 4))
    assert one == again != other
    assert len(set(one)) == 20


def test_the_tests_of_each_module_are_there() -> None:
    missing = [name for names in TESTS.values() for name in names if not (tool.programs.ROOT / name).exists()]
    assert missing == []
    assert [module for module in TESTS if not operators.of(module, tool.source(module))] == []


def test_what_is_listed_as_equivalent_is_still_a_mutant() -> None:
    keys = {mutant.key for module in TESTS for mutant in operators.of(module, tool.source(module))}
    assert tool.equivalent() <= keys


def test_mutants_are_noticed_and_survivors_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of four faults a test asserts one, one hangs, one leaves a process spinning, and one is seen by nobody."""
    test = tmp_path / "test_them.py"
    test.write_text(
        "import subprocess, sys\nfrom gofer._core.machine import duration\nfrom gofer._core.sched import waking\n"
        f"NOTED = {str(tmp_path / 'noted')!r}\n"
        "def test_it():\n"
        "    fault = getattr(duration, 'FAULT', getattr(waking, 'FAULT', 0))\n"
        "    if fault == 3:\n"
        "        with open(NOTED, 'w') as noted:\n"
        "            spinning = subprocess.Popen([sys.executable, '-c', 'while True: pass'], start_new_session=True)\n"
        "            noted.write(str(spinning.pid))\n"
        "    while fault == 2: pass\n"
        "    assert fault != 1\n"
    )
    faults = []
    for number, module in enumerate(["duration", "waking", "duration", "duration"], 1):
        added = f"FAULT = {number}"
        faults.append(operators.Mutant(module, "f", 1, "", added, f"{tool.source(module)}\n{added}\n"))
        monkeypatch.setitem(TESTS, module, [str(test)])
    monkeypatch.setattr(tool, "limits", lambda modules, copy: {"duration": 100.0, "waking": 2.0})
    monkeypatch.setattr(tool, "chosen", lambda *_: faults)
    monkeypatch.setattr("sys.argv", ["mutants", "--jobs", "2"])
    assert tool.main() == 1
    out = capsys.readouterr().out
    assert out.count("not noticed: ") == 2
    assert "+ FAULT = 3\n" in out and "+ FAULT = 4\n" in out
    assert out.endswith("noticed 2 of 4 mutants, 50 %\n")
    assert processes.wait_for_end(int((tmp_path / "noted").read_text()), timeout=100)


def test_tests_that_fail_anyway_are_no_measure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    test = tmp_path / "test_them.py"
    test.write_text("def test_it():\n    assert False\n")
    monkeypatch.setitem(TESTS, "duration", [str(test)])
    monkeypatch.setattr("sys.argv", ["mutants", "--jobs", "1", "--sample", "1", "duration"])
    with pytest.raises(SystemExit, match="the tests of duration fail without any change"):
        tool.main()
