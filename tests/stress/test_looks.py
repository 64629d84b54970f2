"""Looks at all goroutines while workers run them: none crashes, and each sees them as they were at one moment."""

from __future__ import annotations

import sysconfig

import pytest

from tests import programs
from tests.stress import effort

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

PROGRAM = """
import faulthandler, sys, threading
import gofer
from gofer import Chan, go, runtime
from gofer.sync import Mutex, WaitGroup
faulthandler.enable()
LOOKS, LOAD = int(sys.argv[1]), sys.argv[2]
over = []

def shifting(a, b, c=None, *, d=None):
    # arguments that are let go all the time, in a call that runs
    while not over:
        a = [b]; b = {"x": 1}; c = (a, object()); d = str(id(a))
        a, b, c, d = shifted(a, b, c, d)

def shifted(a, b, c, d):
    a = [c]; b = [d]
    return a, b, [1], [2]

def down(n, gate):
    if n:
        return down(n - 1, gate) + 1
    return gate.recv()

def numbers(n, gate):
    for i in range(n):
        yield down(i % 7, gate)

def fails(n):
    try:
        if n:
            fails(n - 1)
        raise KeyError(n)
    except KeyError as error:
        assert sys.exc_info()[1] is error
        if n > 3:
            raise

def short(i, gate, key=3):
    def inner():
        return i, key
    sum(numbers(5, gate))
    fails(inner()[0] % 4)
    try:
        fails(8)
    except KeyError:
        pass
    sorted(range(20), key=lambda x: down(0, gate) if x == 7 else x)
    down(200 if i == 9 else 3, gate)

def churning(gate):
    while not over:
        wg = WaitGroup()
        for i in range(10):
            wg.go(short, i, gate)
        wg.wait()

def feeding(gate):
    while not over:
        gate.send(1)

def alone(mutex):
    while not over:
        with mutex:
            inside(3)

def inside(n):
    return inside(n - 1) if n else runtime.gosched()

def check(infos):
    assert infos[0].id == 1
    within = [g for g in infos if any(frame.function == "inside" for frame in g.frames)]
    assert len(within) <= 1, within
    for g in infos:
        for frame in g.frames:
            assert frame.file != "<string>" or frame.function.partition(".")[0] in (*globals(), "<module>"), frame
            assert frame.function != "inside" or frame.arguments in ("n=0", "n=1", "n=2", "n=3", "..."), frame
            assert frame.function != "fails" or frame.arguments[:2] == "n=", frame

def look():
    for i in range(LOOKS):
        check(runtime.goroutines())
        if i % 10 == 0:
            assert runtime.stack(all=True).startswith("goroutine 1 ")

def main():
    gate, mutex = Chan(4), Mutex()
    for _ in range(4):
        if LOAD == "running":
            go(shifting, 1, 2)
        else:
            go(churning, gate)
            go(feeding, gate)
            go(alone, mutex)
    looking = WaitGroup()
    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    if LOAD != "running":
        looking.go(look)
    looking.wait()
    for thread in threads:
        thread.join()
    over.append(True)
    print("seen")

gofer.run(main)
"""


@pytest.mark.parametrize("workers", ("1", "4") if FREE_THREADED else ("1",))
@pytest.mark.parametrize(("load", "looks"), [("running", 300), ("mixed", 100)])
def test_looks_at_goroutines_that_run(workers: str, load: str, looks: int) -> None:
    done = programs.run("-c", PROGRAM, str(looks * effort.ROUNDS), load, GOMAXPROCS=workers)
    assert (done.status, done.out) == (0, "seen\n"), done.err[-3000:]
