"""Programs that must die: what they say, and with which status."""

import signal
import textwrap

import pytest

from tests import programs

PANIC = """
import gofer
from gofer.sync import WaitGroup
wg = WaitGroup()
def boom(x):
    try:
        1 / x
    except ZeroDivisionError as error:
        raise ValueError("bad") from error
def main():
    print("before")
    wg.go(boom, 0)
    wg.wait()
main()
"""


@pytest.mark.parametrize("how", [(), ("plain",)])
def test_a_panic(how: tuple[str, ...]) -> None:
    done = programs.run_text(PANIC, *how)
    assert done.status == 2
    assert done.out == "before\n"
    assert done.err.startswith("panic: ValueError: bad\n\ngoroutine 2 [running]:\nTraceback (most recent call last):\n")
    assert "ZeroDivisionError: division by zero" in done.err
    assert "direct cause" in done.err
    assert "created by main in goroutine 1" in done.err
    assert "_core" not in done.err


def test_a_panic_with_all_goroutines() -> None:
    done = programs.run_text(PANIC, GOTRACEBACK="all")
    assert "\n\ngoroutine 1 [" in done.err


def test_an_exception_of_main() -> None:
    done = programs.run_text("import gofer\nraise KeyError('k')\n")
    assert done.status == 2
    assert done.err.startswith("panic: KeyError: 'k'\n\ngoroutine 1 [running]:\n")
    plain = programs.run_text("import gofer\nraise KeyError('k')\n", "plain")
    assert (plain.status, plain.err.splitlines()[-1]) == (1, "KeyError: 'k'")


DEADLOCK = """
import gofer
def worker(jobs):
    jobs.recv()
gofer.go(worker, gofer.Chan(10))
gofer.select(gofer.recv(gofer.Chan()))
"""


@pytest.mark.parametrize("how", [(), ("plain",)])
def test_a_deadlock(how: tuple[str, ...]) -> None:
    done = programs.run_text(DEADLOCK, *how)
    assert done.status == 2
    assert done.err.startswith("fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [select]:\n")
    assert "goroutine 2 [chan receive]:\nworker(jobs=<Chan 0/10>)\n" in done.err
    assert "created by <module> in goroutine 1" in done.err
    assert "_core" not in done.err


@pytest.mark.parametrize("how", [(), ("plain",)])
def test_a_fatal_error_in_a_goroutine(how: tuple[str, ...]) -> None:
    text = "import gofer, gofer.sync\ngofer.go(gofer.sync.Mutex().unlock)\ngofer.Chan().recv()\n"
    done = programs.run_text(text, *how)
    assert done.status == 2
    assert done.err.startswith("fatal error: sync: unlock of unlocked mutex\n")


@pytest.mark.parametrize("text", ["RUnlock of unlocked RWMutex", "Unlock of unlocked RWMutex"])
def test_a_misused_rwmutex(text: str) -> None:
    method = text.split(maxsplit=1)[0].lower()
    done = programs.run_text(
        f"import gofer, gofer.sync\ngofer.go(gofer.sync.RWMutex().{method})\ngofer.Chan().recv()\n"
    )
    assert done.status == 2
    assert done.err.startswith(f"fatal error: sync: {text}\n")


SHARED_MAP = """
import gofer
from gofer.sync import WaitGroup
m = gofer.Map.fromkeys(range(1000), 0)
wg = WaitGroup()
def write(k):
    for n in range({count}):
        m[n] = k
def read():
    for n in range({count}):
        m[n]
def walk():
    for n in m:
        pass
wg.go(write, 1)
wg.go({other})
wg.wait()
"""


@pytest.mark.parametrize("count", [1, 1000])
@pytest.mark.parametrize(
    ("other", "text"),
    [
        ("write, 2", "concurrent map writes"),
        ("read", "concurrent map read and map write"),
        ("walk", "concurrent map iteration and map write"),
    ],
)
def test_a_map_that_goroutines_share(count: int, other: str, text: str) -> None:
    done = programs.run_text(SHARED_MAP.format(count=count, other=other), GOMAXPROCS="1")
    assert done.status == 2
    assert done.err.startswith(f"fatal error: {text}\n")


def test_goexit_of_main() -> None:
    done = programs.run_text("import gofer\ngofer.go(print, 'other')\ngofer.runtime.goexit()\n")
    assert (done.out, done.status) == ("other\n", 2)
    assert done.err.startswith("fatal error: no goroutines (main called runtime.Goexit) - deadlock!")


@pytest.mark.parametrize("how", [(), ("plain",)])
def test_system_exit_in_a_goroutine(how: tuple[str, ...]) -> None:
    text = """
import atexit, sys, gofer
atexit.register(print, "atexit")
gofer.go(sys.exit, 7)
try:
    gofer.Chan().recv()
finally:
    print("finally")
"""
    done = programs.run_text(text, *how)
    assert (done.out, done.err, done.status) == ("finally\natexit\n", "", 7)


ABANDONED = """
import gofer
def left():
    try:
        gofer.Chan().recv()
    finally:
        print("never")
for _ in range(100):
    gofer.go(left)
gofer.runtime.gosched()
print("end")
"""


@pytest.mark.parametrize("how", [(), ("plain",)])
def test_abandoned_goroutines_are_silent(how: tuple[str, ...]) -> None:
    done = programs.run_text(ABANDONED, *how)
    assert (done.out, done.err, done.status) == ("end\n", "", 0)


PARKED = """
import gofer
def tick():
    while True:
        gofer.time.sleep(1000)
gofer.go(tick)
print("up", flush=True)
gofer.Chan().recv()
"""
SPINNING = """
import gofer
def spin():
    print("up", flush=True)
    while True:
        pass
gofer.go(spin)
gofer.Chan().recv()
"""


@pytest.mark.parametrize("text", [PARKED, SPINNING], ids=["parked", "spinning"])
@pytest.mark.parametrize("command", [("-m", "gofer", "run"), ()], ids=["gofer", "plain"])
def test_control_c(text: str, command: tuple[str, ...], tmp_path) -> None:
    path = tmp_path / "main.py"
    path.write_text(text)
    process = programs.start(*command, str(path), GOMAXPROCS="1")
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGINT)
    done = programs.finish(process)
    assert done.status in ((130,) if command else (-signal.SIGINT, 130))
    assert "_core" not in done.err
    assert "Exception ignored" not in done.err


def test_sigquit_prints_every_goroutine(tmp_path) -> None:
    path = tmp_path / "main.py"
    path.write_text(PARKED)
    process = programs.start("-m", "gofer", "run", str(path))
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGQUIT)
    done = programs.finish(process)
    assert done.status == 2
    assert "SIGQUIT: quit" in done.err
    assert "goroutine 2 [" in done.err


@pytest.mark.parametrize("procs", ["1", "4"])
def test_many_starts_and_exits(procs: str) -> None:
    text = """
import gofer, threading
ch = gofer.Chan()
def work(n):
    ch.send(n)
for n in range(50):
    gofer.go(work, n)
threading.Thread(target=lambda: gofer.go(work, 50)).start()
print(sum(ch.recv() for _ in range(51)))
"""
    for _ in range(10):
        done = programs.run_text(text, "plain", GOMAXPROCS=procs)
        assert (done.out, done.err, done.status) == ("1275\n", "", 0)


WRONG_GOMAXPROCS = "GOMAXPROCS must be a whole number of at least 1, not 'many'"


@pytest.mark.parametrize("use", ["gofer.go(print)", "gofer.run(print)", "gofer.Chan().recv()"])
def test_the_first_use_with_a_wrong_gomaxprocs(use: str) -> None:
    done = programs.run_text(f"import gofer\nprint('imported')\n{use}\n", "plain", GOMAXPROCS="many")
    assert (done.out, done.status) == ("imported\n", 1)
    assert f"ValueError: {WRONG_GOMAXPROCS}" in done.err


def test_a_number_of_workers_that_is_set_replaces_a_wrong_gomaxprocs() -> None:
    text = "import gofer\ngofer.runtime.gomaxprocs(1)\ngofer.Chan(1).send(1)\nprint(gofer.runtime.gomaxprocs())\n"
    done = programs.run_text(text, "plain", GOMAXPROCS="many")
    assert (done.out, done.err, done.status) == ("1\n", "", 0)


@pytest.mark.parametrize("arguments", [("run", "x.py"), ("test",), ("env",)])
def test_a_command_with_a_wrong_gomaxprocs(arguments: tuple[str, ...]) -> None:
    done = programs.run("-m", "gofer", *arguments, GOMAXPROCS="many")
    assert done.status == 2
    assert done.err.endswith(f"Error: {WRONG_GOMAXPROCS}\n")


def test_a_panic_is_told_where_no_more_files_can_be_opened() -> None:
    text = """
        import os, resource
        import gofer

        resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))

        def leak():
            while True:
                os.open(os.devnull, os.O_RDONLY)

        gofer.go(leak)
        gofer.Chan().recv()
    """
    done = programs.run_text(textwrap.dedent(text))
    assert done.status == 2, done.err
    assert done.err.startswith(
        "panic: OSError: [Errno 24] Too many open files: '/dev/null'\n\ngoroutine 2 [running]:\n"
    )
    assert ", in leak\n" in done.err


@pytest.mark.parametrize("failing", ["1 / 0", "{}[0]", "getattr(0, 'beginn')"])
def test_a_panic_is_told_where_nothing_more_can_be_imported(failing: str) -> None:
    """Whatever `traceback` would import to say it better: the source is at hand, and asks for more than a plain one."""
    text = f"""
        import linecache, os, resource
        import gofer

        linecache.getlines(__file__)
        resource.setrlimit(resource.RLIMIT_NOFILE, (60, 60))

        def fail():
            try:
                while True:
                    os.open(os.devnull, os.O_RDONLY)
            except OSError:
                pass
            {failing}

        gofer.go(fail)
        gofer.Chan().recv()
    """
    done = programs.run_text(textwrap.dedent(text), "plain")
    assert done.status == 2, done.err
    with pytest.raises((LookupError, ArithmeticError, AttributeError)) as raised:
        eval(failing)
    first = f"panic: {type(raised.value).__name__}: {raised.value}"
    assert done.err.startswith(first), done.err
    assert "\n\ngoroutine 2 [running]:\nTraceback (most recent call last):\n" in done.err
    assert ", in fail\n" in done.err
    assert "created by <module> in goroutine 1\n" in done.err
