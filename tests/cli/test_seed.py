"""`gofer run --seed`: a run repeats, and a loop that polls lets others run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gofer._core.sched import scheduler
from tests import programs

COMPILED = not str(scheduler.__file__).endswith(".py")

CHANCE = """
import random, sys
from gofer import Chan, atomic, go, recv, runtime, select
from gofer.sync import Map, Mutex, WaitGroup

out = [hash("x"), list({f"k{i}" for i in range(30)}), [random.random() for _ in range(3)]]
wg, ch, m, ended, seen, over = WaitGroup(), Chan(2), Mutex(), atomic.Int32(), Map(), Chan()

def work(n):
    for i in range(5):
        ch.send((n, i, random.randrange(100)))
        if m.try_lock():
            seen[n, i] = len(ch)
            m.unlock()
        if not random.randrange(3):
            runtime.gosched()
    ended.add(1)

def drain():
    while ended.load() < 6 or len(ch):
        match select(recv(ch), recv(Chan()), default=True):
            case 0, value, True:
                out.append(value)
    over.close()

for n in range(6):
    wg.go(work, n)
go(drain)
wg.wait()
over.recv()
print(out, dict(seen.items()), sys.argv[1:])
"""


def run(*arguments: str, **changes: str) -> programs.Done:
    return programs.run("-m", "gofer", "run", *arguments, **changes)


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "seeded_main.py"
    path.write_text(CHANCE)
    return str(path)


OPTIONS = [[], pytest.param(["-race"], marks=pytest.mark.skipif(not COMPILED, reason="-race needs the compiled core"))]


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "race"])
def test_a_run_repeats(script: str, options: list[str]) -> None:
    runs = [run(*options, "--seed", "3", script, "a", "b c") for _ in range(5)]
    assert runs[0].status == 0, runs[0].err
    assert runs[0].out.endswith("['a', 'b c']\n")
    assert {each.out for each in runs} == {runs[0].out}
    assert run(*options, "--seed", "4", script, "a", "b c").out != runs[0].out


def test_a_module_and_standard_input_repeat(script: str) -> None:
    folder, text = os.path.dirname(script), Path(script).read_bytes()
    of_script = run("--seed", "3", script).out
    for _ in range(2):
        assert (
            run("--seed", "3", "-m", "seeded_main", PYTHONPATH=f"{folder}{os.pathsep}{path_of_gofer()}").out
            == of_script
        )
        command = [sys.executable, "-m", "gofer", "run", "--seed", "3", "-"]
        piped = subprocess.run(command, input=text, capture_output=True, env=programs.environment(), cwd=programs.ROOT)
        assert piped.stdout.decode() == of_script


def path_of_gofer() -> str:
    return programs.environment().get("PYTHONPATH", "")


CHILDREN = """
import os, subprocess, sys
print(hash("x"), sys.warnoptions, sys._xoptions, os.getppid())
print(os.environ.get("PYTHONHASHSEED"), [key for key in os.environ if key.startswith("GOFER")], flush=True)
subprocess.run([sys.executable, "-c", "import os; print(os.environ.get('PYTHONHASHSEED'))"])
sys.exit(7)
"""


@pytest.mark.parametrize("given", [None, "random", "5"])
def test_a_program_and_those_that_it_starts_see_the_environment_as_it_was(tmp_path: Path, given: str | None) -> None:
    path = tmp_path / "main.py"
    path.write_text(CHILDREN)
    changes = {} if given is None else {"PYTHONHASHSEED": given}
    command = ["-W", "error::UserWarning", "-X", "utf8", "-m", "gofer", "run", "--seed", "3", str(path)]
    environment = {
        key: value for key, value in programs.environment(**changes).items() if given or "HASHSEED" not in key
    }
    first, second = (
        subprocess.run([sys.executable, *command], capture_output=True, text=True, env=environment, cwd=programs.ROOT)
        for _ in range(2)
    )
    assert (first.returncode, first.stderr) == (7, "")
    assert first.stdout == second.stdout
    seen, variable, child = first.stdout.splitlines()
    assert f"['error::UserWarning'] {{'utf8': True}} {os.getpid()}" in seen
    assert (variable, child) == (f"{given} []", str(given))
    if given == "5":
        text = "print(hash('x'))"
        plain = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, env=environment)
        assert seen.split()[0] == plain.stdout.strip()


def test_what_cannot_repeat_is_said(tmp_path: Path) -> None:
    path = tmp_path / "main.py"
    path.write_text("print('ran')")
    done = programs.run("-E", "-c", IN_PROCESS, str(path))
    assert (done.status, done.out) == (0, "ran\n"), done.err
    assert done.err.startswith("gofer: string hashes do not repeat, set PYTHONHASHSEED: Python ignores the environment")
    done = programs.run("-c", "import sys; sys.argv[1:] = ['run', '--seed', '3', sys.argv[1]]\n" + MAIN, str(path))
    assert (done.status, done.out) == (0, "ran\n"), done.err
    assert "the command is not the process's own" in done.err


MAIN = "from gofer.cli import main; main()"
IN_PROCESS = f"import sys; sys.path[:0] = {sys.path!r}; sys.argv[1:] = ['run', '--seed', '3', sys.argv[1]]\n{MAIN}"

# What there is at first, what a loop looks at until it is true, and what somebody else does.
POLLS = {
    "select": ("ch = Chan()", "select(recv(ch), default=True).index == 0", "ch.close()"),
    "select of two": ("ch = Chan()", "select(recv(ch), send(None, 1), default=True).index == 0", "ch.send(1)"),
    "len": ("ch = Chan(1)", "len(ch)", "ch.send(1)"),
    "len of a view": ("ch = Chan(1)", "len(ch.receiver)", "ch.send(1)"),
    "closed": ("ch = Chan(1)", "ch.closed", "ch.close()"),
    "channel as a lock": ("ch = Chan(1)", "ch.send(1) or ch.recv() and box", "box.append(1)"),
    "load": ("n = atomic.Int64()", "n.load()", "n.store(1)"),
    "bool": ("n = atomic.Bool()", "n.load()", "n.store(True)"),
    "pointer": ("n = atomic.Pointer()", "n.load()", "n.store(1)"),
    "value": ("n = atomic.Value()", "n.load()", "n.store(3)"),
    "compare": ("n = atomic.Uint32()", "n.compare_and_swap(1, 2)", "n.store(1)"),
    "compare bool": ("n = atomic.Bool()", "n.compare_and_swap(True, False)", "n.store(True)"),
    "swap": ("n = atomic.Int32(1)", "not n.swap(1)", "n.store(0)"),
    "swap pointer": ("n = atomic.Pointer(box)", "n.swap(box) is None", "n.store(None)"),
    "and": ("n = atomic.Int32()", "n.and_(1)", "n.store(1)"),
    "or": ("n = atomic.Int32()", "n.or_(0)", "n.store(1)"),
    "add": ("n = atomic.Int32()", "n.add(0)", "n.store(1)"),
    "try_lock": ("m = Mutex(); m.lock()", "m.try_lock()", "m.unlock()"),
    "locked": ("m = Mutex(); m.lock()", "not m.locked()", "m.unlock()"),
    "lock": ("m = Mutex()", "m.lock() or m.unlock() or box", "box.append(1)"),
    "try_lock to write": ("m = RWMutex(); m.rlock()", "m.try_lock()", "m.runlock()"),
    "try_rlock": ("m = RWMutex(); m.lock()", "m.try_rlock()", "m.unlock()"),
    "lock to write": ("m = RWMutex()", "m.lock() or m.unlock() or box", "box.append(1)"),
    "rlock": ("m = RWMutex()", "m.rlock() or m.runlock() or box", "box.append(1)"),
    "semaphore": ("s = Weighted(1); s.acquire(context.background())", "s.try_acquire()", "s.release()"),
    "rate": ("r = rate.Limiter(0, 0)", "r.allow() or box", "box.append(1)"),
    "try_go": ("h = Chan(); g = Group(); g.set_limit(1); g.go(h.recv)", "g.try_go(int)", "h.close()"),
    "err": ("c = context.with_cancel(context.background())", "c.err()", "c.cancel()"),
    "err below": (
        "c = context.with_cancel(context.background()); v = context.with_value(c, 1, 2)",
        "v.err()",
        "c.cancel()",
    ),
    "map": ("m = Map()", "m.load(1)[1]", "m.store(1, 1)"),
    "in a map": ("m = Map()", "1 in m", "m.store(1, 1)"),
    "len of a map": ("m = Map()", "len(m)", "m.store(1, 1)"),
    "items of a map": ("m = Map()", "list(m.items())", "m.store(1, 1)"),
    "compare in a map": ("m = Map(); m[1] = 1", "m.compare_and_swap(1, 2, 3)", "m.store(1, 2)"),
    "load or store": ("m = Map(); m[1] = 0", "m.load_or_store(1, 0)[0]", "m.store(1, 2)"),
    "load and delete": ("m = Map()", "m.load_and_delete(1)[1]", "m.store(1, 2)"),
    "plain map": ("m = gofer.Map()", "m.get(1)", "m.update({1: 1})"),
    "goroutines": ("go(h.recv) if (h := Chan()) else 0", "runtime.num_goroutine() < 4", "h.close()"),
    "pool": ("p = Pool()", "p.get()", "p.put(1)"),
    "future": ("h = Chan(); f = gofer.Executor().submit(h.recv)", "f.done()", "h.close()"),
    "clock": ("", "time.monotonic() and box", "box.append(1)"),
    "time": ("", "time.now() and box", "box.append(1)"),
    "timer": ("t = time.after(0.001)", "select(recv(t), default=True).index == 0", ""),
}
POLLING = """
import gofer
from gofer import Chan, atomic, context, go, rate, recv, runtime, select, send, time
from gofer.errgroup import Group
from gofer.semaphore import Weighted
from gofer.sync import Map, Mutex, Pool, RWMutex

{cases}
"""
CASE = """
def case():
    box = []
    over = Chan()
    {setup}
    def poll():
        while not ({look}):
            pass
        over.close()
    def change():
        {change}
    go(poll)
    go(change)
    over.recv()
case()
print({name!r})
"""


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_loop_that_polls_lets_others_run(seed: str) -> None:
    cases = "".join(
        CASE.format(name=name, setup=setup or "pass", look=look, change=change or "pass")
        for name, (setup, look, change) in POLLS.items()
    )
    done = programs.run_text(POLLING.replace("{cases}", cases), "--seed", seed)
    assert (done.status, done.out.splitlines()) == (0, list(POLLS)), done


LOCKED = """
import threading
from gofer import Chan, atomic, go
lock = threading.Lock()
n = atomic.Int32()
over = Chan(2)
def hold():
    for _ in range(20):
        with lock:
            for _ in range(100):
                n.load()
    over.send(1)
def explicit():
    for _ in range(20):
        lock.acquire()
        for _ in range(100):
            n.load()
        lock.release()
    over.send(1)
go(hold)
go(explicit)
over.recv()
over.recv()
def wait():  # for ever, if a lock kept it from giving way
    with threading.Lock():
        while not n.load():
            pass
    over.send(2)
go(wait)
go(n.store, 1)
print(over.recv())
"""


def test_who_holds_a_lock_of_the_thread_goes_on_for_long_but_not_for_ever() -> None:
    done = programs.run_text(LOCKED, "--seed", "1")
    assert (done.status, done.out) == (0, "2\n"), done.err


INTERRUPTED = """
from gofer import atomic, go
def end():
    raise SystemExit(5)
n = atomic.Int32()
try:
    go(end)
    while not n.load():
        pass
finally:
    print("left")
"""


def test_what_ends_the_program_reaches_main_where_it_polls() -> None:
    done = programs.run_text(INTERRUPTED, "--seed", "1")
    assert (done.status, done.out) == (5, "left\n"), done.err


def test_only_the_seed_draws_from_the_programs_own_random() -> None:
    text = """
import random
from gofer import Chan, recv, select
random.seed(9)
ch = Chan(2)
ch.send(1), ch.send(2)
select(recv(ch), recv(ch))
print(random.random(), random.Random(9).random())
"""
    done = programs.run_text(text)
    assert (done.status, len(set(done.out.split()))) == (0, 1), done
