"""Preemption: a goroutine that computes lets the others of its worker run, but not in the middle of everything.

Each program is one of its own, because what it shows is that an endless loop ends with it. A program that is not
preempted does not end, and fails by the limit of `programs`.
"""

from __future__ import annotations

import sys
import sysconfig

import pytest

from gofer._core.sched import scheduler
from tests import programs

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
WORKERS = ("1", "2") if FREE_THREADED else ("1",)
pytestmark = pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="only the compiled core preempts")

LOOPS = {
    "pass": "while True: pass",
    "counting": "n = 0\nwhile True:\n    n += 1",
    "condition": "n = 1\nwhile n:\n    n = n % 7 + 1",
    "for": "import itertools\nfor n in itertools.count(): pass",
    "calls": "def f(): return 1\nwhile True: f()",
    "nested calls": "def f(n): return n and f(n - 1)\nwhile True: f(50)",
    "comprehension": "import itertools\n[None for n in itertools.count() if n < 0]",
    "generator": "def g():\n    while True: yield\nfor n in g(): pass",
    "exceptions": "def f(): raise ValueError\nwhile True:\n    try: f()\n    except ValueError: pass",
    "methods": "class C:\n    @property\n    def p(self): return 1\nc = C()\nwhile True: c.p",
    "in an except block": "try: 1 / 0\nexcept ZeroDivisionError:\n    while True: pass",
    "in a finally block": "try: pass\nfinally:\n    while True: pass",
    "in a file": "with open(__file__):\n    while True: pass",
    "in a gofer.Mutex": "import gofer\nwith gofer.sync.Mutex():\n    while True: pass",
    "in suppress": "import contextlib as c\nwith c.suppress(OSError), c.ExitStack():\n    while True: pass",
    "in a contextmanager": (
        "import contextlib\n@contextlib.contextmanager\ndef c():\n    try: yield\n    finally: pass\n"
        "with c():\n    while True: pass"
    ),
    "in a sort": "def key(n):\n    while True: pass\n[3, 2, 1].sort(key=key)",
}

ENDLESS = """
import gofer
from gofer import go
def spin():
{body}
go(spin)
ticker = gofer.time.Ticker(0.001)
for _ in range(5):
    ticker.c.recv()
print("ticked")
"""


def indented(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_an_endless_loop_stops_neither_a_ticker_nor_main(loop: str) -> None:
    done = programs.run_text(ENDLESS.format(body=indented(loop)), GOMAXPROCS="1")
    assert (done.status, done.out) == (0, "ticked\n"), done.err


TOGETHER = """
import gofer
from gofer import Chan, go
counts = [0] * 4
done = Chan(4)
def spin(i):
    for _ in range(5):
        before = list(counts)
        while any(counts[j] == before[j] for j in range(4) if j != i):
            counts[i] += 1
    done.send(i)
    while True:
        counts[i] += 1
for i in range(3):
    go(spin, i)
go(spin, 3)
print(sorted(done.recv() for _ in range(4)))
"""


@pytest.mark.parametrize("workers", WORKERS)
def test_endless_loops_share_a_worker(workers: str) -> None:
    done = programs.run_text(TOGETHER, GOMAXPROCS=workers)
    assert (done.status, done.out) == (0, "[0, 1, 2, 3]\n"), done.err


STATE = """
import contextvars, sys
import gofer
from gofer import Chan, go
var = contextvars.ContextVar("var")
turns = [0, 0]
done = Chan(2)
def spin(i):
    var.set(i)
    def deep(n):
        return deep(n - 1) if n else wait()
    def wait():
        for _ in range(5):
            before = turns[1 - i]
            while turns[1 - i] == before:
                turns[i] += 1
                assert var.get() == i
                assert sys.exc_info()[1].args == (i,), sys.exc_info()
    try:
        raise ValueError(i)
    except ValueError:
        deep(300)
        done.send((var.get(), sys.exc_info()[1].args, gofer.runtime.goid()))
    while True: turns[i] += 1
go(spin, 0)
go(spin, 1)
print(sorted(done.recv() for _ in range(2)), sys.exc_info())
"""


@pytest.mark.parametrize("workers", WORKERS)
def test_contextvars_and_exception_state_stay_with_the_goroutine(workers: str) -> None:
    done = programs.run_text(STATE, GOMAXPROCS=workers)
    assert (done.status, done.out) == (0, "[(0, (0,), 2), (1, (1,), 3)] (None, None, None)\n"), done.err


MAIN_SPINS = """
from gofer import go, runtime
seen = []
def look():
    me = runtime.goroutines()[0]
    seen.append((me.id, me.state, me.frames[0].function))
go(look)
while not seen:
    pass
print(*seen)
"""


def test_main_is_preempted_and_is_runnable_then() -> None:
    done = programs.run_text(MAIN_SPINS, GOMAXPROCS="1")
    assert (done.status, done.out) == (0, "(1, 'runnable', '<module>')\n"), done.err


PLACES = """
import asyncio, contextlib, gc, signal, sys, threading, time, weakref
from gofer import Chan, go, runtime
runs = 0
def other():
    global runs
    while True:
        runs += 1
        runtime.gosched()
def switched():  # whether another goroutine has run meanwhile; several rounds of the monitor pass
    before = runs
    end = time.monotonic() + 0.1
    while time.monotonic() < end:
        pass
    return runs != before
def nowhere():
    return switched()
def anywhere():
    before = runs
    while runs == before:
        pass
    return True
def within(manager):
    def body():
        with manager:
            try:
                return switched()
            except ZeroDivisionError:
                pass
    return body
def explicit():
    lock = threading.Lock()
    lock.acquire()
    try:
        return switched()
    finally:
        lock.release()
@contextlib.contextmanager
def holding():
    with lock:
        yield
class Own:
    def __enter__(self):
        lock.acquire()
    def __exit__(self, *info):
        lock.release()
def stack():
    with contextlib.ExitStack() as both:
        both.enter_context(contextlib.nullcontext())
        both.enter_context(lock)
        return switched()
def destructor():
    found = []
    class Dying:
        def __del__(self):
            found.append(switched())
    Dying()
    return found[0]
def entering():
    found = []
    class Entering:
        def __enter__(self):
            found.append(switched())
        def __exit__(self, *info):
            pass
    with Entering():
        return found[0]
def importing():
    sys.modules["__main__"].switched = switched
    import place_import
    return place_import.found
def in_asyncio():
    async def main():
        return switched()
    return asyncio.run(main())
def handler():
    found = []
    def handle(number, frame):
        found.append(switched())
    before = signal.signal(signal.SIGUSR1, handle)
    signal.raise_signal(signal.SIGUSR1)
    signal.signal(signal.SIGUSR1, before)
    return found[0]
lock = threading.Lock()
places = dict(
    nowhere=anywhere, lock=within(lock), rlock=within(threading.RLock()), condition=within(threading.Condition()),
    semaphore=within(threading.Semaphore()), explicit=explicit, generator=within(holding()), own=within(Own()),
    stack=stack, destructor=destructor, entering=entering, importing=importing, asyncio=in_asyncio, handler=handler,
)
results = Chan(1)
def each():
    for name, place in places.items():
        results.send((name, place()))
    results.close()
go(other)
go(each)
for name, result in results:
    print(name, result)
"""
NO_SWITCH = (
    "lock",
    "rlock",
    "condition",
    "semaphore",
    "explicit",
    "generator",
    "own",
    "stack",
    "destructor",
    "entering",
    "importing",
    "asyncio",
    "handler",
)


def test_places_where_no_goroutine_is_preempted(tmp_path: object) -> None:
    (tmp_path / "place_import.py").write_text(  # type: ignore[operator]
        "import sys\nfound = sys.modules['__main__'].switched()\n"
    )
    (tmp_path / "main.py").write_text(PLACES)  # type: ignore[operator]
    done = programs.run("-m", "gofer", "run", f"{tmp_path}/main.py", GOMAXPROCS="1")
    expected = ["nowhere True", *(f"{name} False" for name in NO_SWITCH)]
    assert (done.status, done.out.splitlines()) == (0, expected), done.err


def test_turned_off_nothing_is_preempted() -> None:
    text = PLACES.replace("places = dict(", "places = dict(nowhere=nowhere)\nunused = dict(")
    done = programs.run_text(text, GOMAXPROCS="1", GOFER_PREEMPT="0")
    assert (done.status, done.out) == (0, "nowhere False\n"), done.err


def test_with_a_seed_nothing_is_preempted() -> None:
    text = PLACES.replace("places = dict(", "places = dict(nowhere=nowhere)\nunused = dict(")
    done = programs.run_text(text, "--seed", "7")
    assert (done.status, done.out) == (0, "nowhere False\n"), done.err


TRACED = """
import sys, threading
import gofer
from gofer import Chan, go
lines = []
def trace(frame, event, arg):
    lines.append(event)
    return trace
def traced():
    sys.settrace(trace)
    try:
        return add()
    finally:
        sys.settrace(None)
def add():
    n = 0
    for i in range(1000):
        n += i
    return n
def spin():
    while True: pass
done = Chan()
def main():
    done.send(traced())
go(spin)
go(main)
print(done.recv(), lines.count("line") > 2000, set(lines) <= {"call", "line", "return"}, sys.gettrace())
"""


def test_a_debugger_sees_what_it_saw() -> None:
    done = programs.run_text(TRACED, GOMAXPROCS="1")
    assert (done.status, done.out) == (0, "499500 True True None\n"), done.err


FORKED = """
import os
import gofer
from gofer import Chan, go
def spin():
    while True: pass
def ticks():
    ticker = gofer.time.Ticker(0.001)
    for _ in range(3):
        ticker.c.recv()
go(spin)
ticks()
child = os.fork()
if not child:
    go(spin)
    ticks()
    os._exit(3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.filterwarnings("ignore:This process")
def test_a_forked_child_preempts_too() -> None:
    done = programs.run_text(FORKED, GOMAXPROCS="1")
    assert (done.status, done.out) == (0, "3\n"), done.err


LONE = """
import threading
import gofer
gofer.Chan(1).send(1)
print(threading.active_count())
gofer.go(print, "x")
gofer.runtime.gosched()
print(threading.active_count())
"""


def test_a_single_goroutine_is_not_watched() -> None:
    done = programs.run_text(LONE, GOMAXPROCS="1")
    assert (done.status, done.out) == (0, "1\nx\n2\n"), done.err


INTERRUPTED = """
import gofer
from gofer import go
def stop():
    raise SystemExit(5)
go(stop)
try:
    while True: pass
except SystemExit as error:
    print("left at the loop", error.code)
    raise
"""


def test_what_interrupts_main_is_raised_where_it_computes() -> None:
    done = programs.run_text(INTERRUPTED, GOMAXPROCS="1")
    assert (done.status, done.out) == (5, "left at the loop 5\n"), done.err


TAKEN = """
import sys, time
from gofer import go
sys.monitoring.use_tool_id(3, "a"), sys.monitoring.use_tool_id(4, "b")
ran = []
go(ran.append, 1)
end = time.monotonic() + 0.1
while time.monotonic() < end:
    pass
print(ran)
"""


@pytest.mark.skipif(sys.version_info < (3, 12), reason="no sys.monitoring")
def test_without_a_free_tool_id_nothing_is_preempted_and_that_is_said() -> None:
    done = programs.run_text(TAKEN, GOMAXPROCS="1", GOFER_DEBUG="preempt=1")
    assert (done.status, done.out) == (0, "[]\n"), done.err
    assert "no tool id of sys.monitoring is free" in done.err
