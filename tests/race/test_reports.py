"""What `gofer run -race` prints, and how it ends."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from tests import programs

from gofer._core.sched import scheduler

pytestmark = pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="the detector needs the compiled core")

COUNTER = """
from gofer import sync


class Counter:
    def __init__(self):
        self.value = 0

    def increment(self):
        self.value += 1


def main():
    counter, group = Counter(), sync.WaitGroup()
    group.go(counter.increment)
    group.go(counter.increment)
    group.wait()


main()
"""

THREADS = """
import threading

total = 0


def add():
    global total
    total += 1


threads = [threading.Thread(target=add, name=f"adder {n}") for n in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def race(text: str, *options: str, **changes: str) -> programs.Done:
    return programs.run_text(text, "-race", *options, **changes)


def test_report_of_goroutines() -> None:
    done = race(COUNTER)
    assert done.status == 66
    text = re.sub(r"0x[0-9a-f]+", "0xADDRESS", re.sub(r"/\S*/main\.py", "main.py", done.err))
    assert text == (
        "==================\n"
        "WARNING: DATA RACE\n"
        "Read of Counter.value at 0xADDRESS by goroutine 3:\n"
        "  Counter.increment()\n"
        "      main.py:10\n"
        "\n"
        "Previous write of Counter.value at 0xADDRESS by goroutine 2:\n"
        "  Counter.increment()\n"
        "      main.py:10\n"
        "\n"
        "Goroutine 3 (running) created at:\n"
        "  main()\n"
        "      main.py:16\n"
        "  <module>\n"
        "      main.py:20\n"
        "\n"
        "Goroutine 2 (finished) created at:\n"
        "  main()\n"
        "      main.py:15\n"
        "  <module>\n"
        "      main.py:20\n"
        "==================\n"
        "Found 1 data race(s)\n"
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_in_the_child_of_a_fork() -> None:
    text = """
        import os, threading, warnings
        from gofer import Chan, go
        warnings.simplefilter("ignore", DeprecationWarning)  # 3.12 and later, where there are threads

        def doubled(n):
            ch, lock = Chan(), threading.Lock()
            with lock:
                go(ch.send, 2 * n)
                return ch.recv()

        first = doubled(1)
        child = os.fork()
        if not child:
            try:
                os._exit(doubled(first))
            finally:
                os._exit(99)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), doubled(3))
    """
    done = race(textwrap.dedent(text))
    assert (done.status, done.out, done.err) == (0, "4 6\n", "")


def test_report_of_threads() -> None:
    done = race(THREADS)
    assert done.status == 66
    assert "of global total of main at" in done.err
    assert re.search(r"by thread adder 1:\n  add\(\)\n", done.err)
    assert re.search(r"\nThread adder 1 \(\w+\) created at:\n  <module>\n", done.err)
    assert done.err.count("WARNING: DATA RACE") == 1
    assert done.err.endswith("Found 1 data race(s)\n")


def test_nothing_is_said_of_a_correct_program() -> None:
    done = race("print(sum(range(5)))")
    assert (done.out, done.err, done.status) == ("10\n", "", 0)


def test_the_environment_turns_it_on() -> None:
    assert programs.run_text(COUNTER, GOFER_RACE="1").status == 66
    assert programs.run_text(COUNTER, GOFER_RACE="0").status == 0


def test_one_report_for_a_pair_of_stacks() -> None:
    many = COUNTER.replace(
        "    group.wait()", "    for _ in range(20):\n        group.go(counter.increment)\n    group.wait()"
    )
    done = race(many)
    assert done.err.endswith("Found 1 data race(s)\n")


NAMES = {
    "Box.value": "box.value = 1",
    "dict['k']": "table['k'] = 1",
    "dict[(1, 2)]": "table[1, 2] = 1",
    "list[3]": "items[3] = 1",
    "list (structure)": "items.append(1)",
    "set (structure)": "members.add(1)",
    "bytearray[0]": "octets[0] = 1",
    "global shared of main": "global shared; shared = 1",
    "Box.common": "Box.common = 1",
    "defaultdict['x']": "counts['x'] += 1",
    "OrderedDict['x']": "ordered['x'] = 1",
    "deque (structure)": "line.rotate()",
    "array[1]": "numbers[1] = 5",
    "generator": "next(steps, None)",
    "channel": "gofer.Chan.close(chan)",
}


PLACES = """
import array, collections, gofer
from gofer import race, sync

class Box:
    common = 0

box, table, items, members, octets = Box(), {"k": 0, (1, 2): 0}, [0, 1, 2, 3], set(), bytearray(2)
counts, ordered = collections.defaultdict(int, x=1), collections.OrderedDict(x=1)
line, numbers, steps = collections.deque([1, 2]), array.array("i", [1, 2]), iter(i for i in range(9))
chan = gofer.Chan()
shared = 0

def twice(work):
    def attempt():
        try:
            work()
        except gofer.ClosedChannelError:
            pass

    before = len(race.reports())
    group = sync.WaitGroup()
    group.go(attempt)
    group.go(attempt)
    group.wait()
    print([report.location for report in race.reports()[before:]])

"""


def test_places() -> None:
    works = [f"def work{n}():\n    {text}\n\ntwice(work{n})\n" for n, text in enumerate(NAMES.values())]
    done = race(PLACES + "\n".join(works))
    assert done.status == 66, done.err
    found = [eval(line) for line in done.out.splitlines()]
    assert len(found) == len(NAMES)
    assert [place for place, locations in zip(NAMES, found, strict=True) if place not in locations] == []


def test_closure_variable() -> None:
    done = race(
        "from gofer import sync\n"
        "def make():\n"
        "    n = 0\n"
        "    def add():\n"
        "        nonlocal n\n"
        "        n += 1\n"
        "    return add\n"
        "add, group = make(), sync.WaitGroup()\n"
        "group.go(add); group.go(add); group.wait()\n"
    )
    assert "of closure variable n of make() at" in done.err


# -- status --


def test_status_where_the_program_exits_otherwise() -> None:
    assert race(COUNTER + "raise SystemExit(3)\n").status == 66
    assert race("raise SystemExit(3)\n").status == 3


def test_a_panic_keeps_its_status() -> None:
    assert race(COUNTER + "raise KeyError('x')\n").status == 2


def test_the_interpreter_ends_as_ever() -> None:
    done = race(
        "import atexit, logging\n"
        "atexit.register(print, 'registered')\n"
        "class Last:\n"
        "    def __del__(self):\n"
        "        print('destroyed')\n"
        "last = Last()\n" + COUNTER
    )
    assert done.status == 66
    assert done.out == "registered\ndestroyed\n"


# -- GORACE --


def test_exitcode() -> None:
    assert race(COUNTER, GORACE="exitcode=5").status == 5
    assert race(COUNTER, GORACE="exitcode=0").status == 0


def test_log_path(tmp_path: Path) -> None:
    done = race(COUNTER, GORACE=f"log_path={tmp_path}/races")
    assert done.err == ""
    (path,) = tmp_path.iterdir()
    assert re.fullmatch(r"races\.\d+", path.name)
    assert path.read_text().startswith("==================\nWARNING: DATA RACE\n")
    assert path.read_text().endswith("Found 1 data race(s)\n")


def test_a_log_path_that_cannot_be_written(tmp_path: Path) -> None:
    done = race(COUNTER, GORACE=f"log_path={tmp_path}/missing/races")
    assert done.status == 66
    assert "gofer: GORACE: log_path: [Errno 2]" in done.err
    assert "WARNING: DATA RACE" in done.err


def test_log_path_of_stdout() -> None:
    done = race(COUNTER, GORACE="log_path=stdout")
    assert done.err == ""
    assert "WARNING: DATA RACE" in done.out


def test_halt_on_error() -> None:
    two = COUNTER.replace("main()\n", "main()\nprint('went on')\n")
    done = race(two, GORACE="halt_on_error=1 exitcode=7")
    assert done.status == 7
    assert done.out == ""
    assert done.err.count("WARNING: DATA RACE") == 1
    assert "Found" not in done.err


def test_strip_path_prefix() -> None:
    folder = str(programs.ROOT) + "/examples/"
    done = programs.run("-m", "gofer", "run", "-race", folder + "race_counter.py", GORACE=f"strip_path_prefix={folder}")
    assert "\n      race_counter.py:" in done.err


@pytest.mark.parametrize(
    ("prefix", "shown"),
    [
        ("outer/", "inner/./racer.py"),
        ("er/inn", "er/./racer.py"),
        ("{folder}/outer", "/inner/./racer.py"),
        ("racer.py", ""),
        ("/elsewhere/", "{folder}/outer/inner/./racer.py"),
        ("inner/", "racer.py"),
    ],
)
def test_strip_path_prefix_takes_off_all_up_to_its_end(prefix: str, shown: str, tmp_path: Path) -> None:
    """Wherever it begins, as in Go, and a `./` that is left in front; a name without it stays whole."""
    folder = tmp_path / "outer" / "inner"
    folder.mkdir(parents=True)
    (folder / "racer.py").write_text(COUNTER)
    done = race(
        f"import sys\nsys.path.insert(0, '{folder}/.')\nimport racer\n",
        GORACE=f"strip_path_prefix={prefix.format(folder=tmp_path)}",
    )
    assert f"\n      {shown.format(folder=tmp_path)}:10\n" in done.err, done.err


def test_history_size_and_atexit_sleep_are_accepted() -> None:
    assert race(COUNTER, GORACE="history_size=7 atexit_sleep_ms=1").status == 66


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ("exit_code=1", "there is no key 'exit_code'; the keys are log_path, exitcode,"),
        ("exitcode=many", "exitcode is a whole number from 0 to 255, not 'many'"),
        ("exitcode=256", "exitcode is a whole number from 0 to 255, not '256'"),
        ("halt_on_error=yes", "halt_on_error is 0 or 1, not 'yes'"),
        ("verbose", "'verbose' is not of the form key=value"),
        ("log_path=", "log_path needs a path, stdout or stderr"),
        ("log_path='x", "No closing quotation"),
        ("atexit_sleep_ms=-1", "atexit_sleep_ms is a whole number"),
    ],
)
def test_mistakes_in_gorace(value: str, complaint: str) -> None:
    done = race("print('ran')", GORACE=value)
    assert done.status == 2
    assert done.out == ""
    assert "GORACE: " in done.err
    assert complaint in " ".join(done.err.split())


# -- on a terminal --


def on_terminal(tmp_path: Path, **changes: str) -> str:
    path = tmp_path / "main.py"
    path.write_text(COUNTER)
    master, slave = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "gofer", "run", "-race", str(path)],
        stdin=subprocess.DEVNULL,
        stderr=slave,
        env=programs.environment(**changes),
    ) as process:
        os.close(slave)
        shown = b""
        try:
            while part := os.read(master, 65536):
                shown += part
        except OSError:  # the other end is closed
            pass
        os.close(master)
        assert process.wait(programs.LIMIT) == 66
    return shown.decode().replace("\r\n", "\n")


def test_colours_and_source_lines(tmp_path: Path) -> None:
    shown = on_terminal(tmp_path, NO_COLOR="")
    assert "\x1b[1;31mWARNING: DATA RACE\x1b[0m\n" in shown
    assert shown.count("> self.value += 1") == 2


def test_no_color(tmp_path: Path) -> None:
    shown = on_terminal(tmp_path, NO_COLOR="1")
    assert "\x1b" not in shown
    assert "WARNING: DATA RACE\n" in shown
    assert shown.count("      > self.value += 1\n") == 2


# -- the API --


def test_report_objects() -> None:
    done = race(
        COUNTER
        + "from gofer import race, runtime\n"
        + "import threading\n"
        + "(report,) = race.reports()\n"
        + "later, earlier = report.accesses\n"
        + "print(report.location, later.kind, earlier.kind)\n"
        + "print(later.goroutine.id, earlier.goroutine.id, earlier.goroutine.state, earlier.goroutine.created_by)\n"
        + "print([(name, line) for name, file, line in later.stack][:1], report.text.count('DATA RACE'))\n"
    )
    assert done.out.splitlines() == [
        "Counter.value read write",
        "3 2 finished main",
        "[('Counter.increment', 10)] 1",
    ]


def test_report_of_thread_objects() -> None:
    done = race(
        THREADS + "from gofer import race\nprint(sorted(a.goroutine.name for a in race.reports()[0].accesses))\n"
        "print(all(isinstance(a.goroutine, threading.Thread) for a in race.reports()[0].accesses))\n"
    )
    assert done.out == "['adder 0', 'adder 1']\nTrue\n"


def test_enable_and_disable() -> None:
    done = programs.run_text(
        "from gofer import race\n"
        "assert not race.enabled()\n"
        "race.enable()\n"
        "assert race.enabled()\n"
        "race.disable()\n"
        "race.disable()\n"
        "assert not race.enabled() and race.reports() == []\n",
        "plain",
    )
    assert (done.err, done.status) == ("", 0)


def test_race_include(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    (site / "neighbour.py").write_text("box = {'n': 0}\ndef add():\n    box['n'] += 1\n")
    program = (
        "import sysconfig, sys\n"
        f"sys.path.insert(0, {str(site)!r})\n"
        "import gofer.race.rewriting.loader as loader\n"
        f"loader.EXCLUDED += ({str(site)!r},)\n"
        "import neighbour\n"
        "from gofer import sync\n"
        "group = sync.WaitGroup()\n"
        "group.go(neighbour.add); group.go(neighbour.add); group.wait()\n"
    )
    assert race(program).status == 0
    done = race(program, "--race-include", "neigh*")
    assert done.status == 66
    assert "dict['n']" in done.err


ATOMIC = """
from gofer import sync
class Box: pass
box = Box()
box.items, box.table, kinds, total = [0], {{"k": 0}}, {{1}}, 0
def put(value):
    return value
def one():
    global total
    {one}
def other():
    global total
    {other}
group = sync.WaitGroup()
group.go(one); group.go(other); group.wait()
"""
SINGLE = [
    ("box.items.append(1)", "box.items.append(2)"),
    ("box.items.append(1)", "return box.items.pop(0)"),
    ("box.items[0] = 1", "x = box.items[0]"),
    ("box.items[0:1] = 1, 2", "box.items.sort()"),
    ("box.table['k'] = 1", "box.table['k'] = 2"),
    ("box.table['k'] = 1", "box.table.get('k')"),
    ("box.table.update(a=1)", "del box.table['k']"),
    ("kinds.add(2)", "kinds.add(3)"),
    ("(lambda: box.items.append(1))()", "box.items.append(2)"),
]
NOT_SINGLE = [
    ("box.table['k'] += 1", "box.table['k'] = 2"),
    ("box.table['k'] = box.table['k'] + 1", "box.table['k'] = 2"),
    ("box.items.append(put(1))", "box.items.append(2)"),
    ("if box.items: pass", "box.items.append(2)"),
    ("for each in box.items: pass", "box.items.append(2)"),
    ("box.items.append(len(box.items))", "box.items.append(2)"),
    ("total = box.items[0]", "total = 1"),
    ("box.items = []", "box.items = []"),
]


@pytest.mark.parametrize(("one", "other"), SINGLE)
def test_operations_documented_as_atomic_do_not_race_where_that_is_asked_for(one: str, other: str) -> None:
    program = ATOMIC.format(one=one, other=other)
    assert race(program).status == 66
    done = race(program, "--race-atomic-builtins")
    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize(("one", "other"), NOT_SINGLE)
def test_statements_of_several_steps_race_all_the_same(one: str, other: str) -> None:
    assert race(ATOMIC.format(one=one, other=other), "--race-atomic-builtins").status == 66


LOOPS = """
import functools, traceback

class Broken:
    def __iter__(self):
        raise KeyError("k")

class Number:
    def __iter__(self):
        return 5

@functools.cache
def cached():
    return 1 / 0

def loop():
    for _ in Broken():
        pass

def no_iterator():
    for _ in Number():
        pass

def nothing():
    for _ in 5:
        pass

for function in (
    loop, no_iterator, nothing, cached, lambda: [x for x in Broken()], lambda: [y for x in [1] for y in Broken()],
    lambda: list(x for x in Broken()), lambda: {x: y for x in [1] for y in Number()},
):
    try:
        function()
    except Exception:
        print(traceback.format_exc())
"""


def test_tracebacks_of_loops_and_caches_are_as_ever(tmp_path: Path) -> None:
    program = tmp_path / "main.py"
    program.write_text(LOOPS)
    texts = []
    for options in ((), ("-race",)):
        command = [sys.executable, "-m", "gofer", "run", *options, str(program)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
        assert done.returncode == 0, done.stderr
        texts.append(done.stdout)
    assert texts[0].count("Traceback") == 8
    assert texts[1] == texts[0]


def test_a_timers_function_is_created_by_who_started_the_timer() -> None:
    done = programs.run_text(
        """
from gofer import Chan, go, runtime, time

names, ran = [], Chan()

def then():
    names.append(2)
    ran.close()

def starter():
    time.after_func(0.01, then)
    names.append(1)

def stranger():
    while not ran.closed:
        runtime.gosched()

go(starter)
go(stranger)
ran.recv()
""",
        "-race",
    )
    assert done.status == 66, done.err
    created = re.search(r"created at:\n  (starter)\(\)\n", done.err)
    assert created, done.err
    assert "stranger" not in done.err
