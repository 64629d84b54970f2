"""Programs that must die, many times in a row: never a hang, always the same end.

`GOFER_STRESS_ROUNDS` says how many times; CI says 25, with one worker and with three: 50 of each end.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests import programs
from tests.crash.test_failures import ABANDONED, DEADLOCK, PANIC, PARKED, SPINNING

ROUNDS = int(os.environ.get("GOFER_STRESS_ROUNDS", "3"))
SYSTEM_EXIT = "import sys, gofer\ngofer.go(sys.exit, 7)\ngofer.Chan().recv()\n"
FATAL = "import gofer, gofer.sync\ngofer.go(gofer.sync.Mutex().unlock)\ngofer.Chan().recv()\n"
GOEXIT = "import gofer\ngofer.go(print, 'other')\ngofer.runtime.goexit()\n"
FOREIGN = """
import gofer, threading
ch = gofer.Chan()
threading.Thread(target=ch.send, args=(1,)).start()
print(ch.recv())
"""
ENDS = {
    "panic": (PANIC, 2, "before\n", "panic: ValueError: bad\n"),
    "deadlock": (DEADLOCK, 2, "", "fatal error: all goroutines are asleep - deadlock!\n"),
    "fatal": (FATAL, 2, "", "fatal error: sync: unlock of unlocked mutex\n"),
    "goexit": (GOEXIT, 2, "other\n", "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n"),
    "exit": (SYSTEM_EXIT, 7, "", ""),
    "abandoned": (ABANDONED, 0, "end\n", ""),
    "foreign": (FOREIGN, 0, "1\n", ""),
}

pytestmark = pytest.mark.timeout(180 + 10 * ROUNDS)


@pytest.mark.parametrize("procs", ["1", "3"])
@pytest.mark.parametrize("name", list(ENDS))
def test_the_end_is_always_the_same(name: str, procs: str) -> None:
    text, status, out, err = ENDS[name]
    for _ in range(ROUNDS):
        done = programs.run_text(text, GOMAXPROCS=procs)
        assert (done.status, done.out) == (status, out), done.err
        assert done.err.startswith(err) if err else done.err == ""


@pytest.mark.parametrize("procs", ["1", "3"])
@pytest.mark.parametrize("text", [PARKED, SPINNING], ids=["parked", "spinning"])
def test_control_c_always_ends_it(text: str, procs: str, tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_text(text)
    for _ in range(ROUNDS):
        process = programs.start("-m", "gofer", "run", str(path), GOMAXPROCS=procs)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        done = programs.finish(process)
        assert (done.status, done.err) == (130, "")
