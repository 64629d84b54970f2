"""Programs with endless loops that end: by Ctrl-C, by a panic of another goroutine, by a deadlock of the others."""

from __future__ import annotations

import signal

import pytest

from gofer._core.sched import scheduler
from tests import programs

pytestmark = pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="only the compiled core preempts")

SPINNING = """
import gofer
from gofer import Chan, go
def spin():
    while True: pass
go(spin)
go(spin)
gofer.time.sleep(0.001)
print("ready", flush=True)
Chan().recv()
"""


def test_ctrl_c_ends_a_program_whose_goroutines_spin(tmp_path: object) -> None:
    path = f"{tmp_path}/main.py"
    with open(path, "w") as file:
        file.write(SPINNING)
    process = programs.start("-m", "gofer", "run", path, GOMAXPROCS="1")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    done = programs.finish(process)
    assert done.status == 130, done.err


def test_a_panic_beside_an_endless_loop_ends_the_program() -> None:
    done = programs.run_text(
        "from gofer import go\ndef boom(): raise ValueError('boom')\ngo(boom)\nwhile True: pass\n",
        GOMAXPROCS="1",
    )
    assert done.status == 2
    assert done.err.startswith("panic: ValueError: boom")


def test_a_deadlock_is_reported_as_before() -> None:
    text = """
import gofer
from gofer import Chan, go
results = Chan(2)
def work():
    n = 0
    for i in range(1_000_000):
        n += i
    results.send(n)
go(work)
go(work)
print(results.recv() == results.recv(), flush=True)
Chan().recv()
"""
    done = programs.run_text(text, GOMAXPROCS="1")
    assert (done.status, done.out) == (2, "True\n")
    assert done.err.startswith("fatal error: all goroutines are asleep - deadlock!")
