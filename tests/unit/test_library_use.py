"""gofer without its command: under plain `python`, with the standard library's tools."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings

import pytest

import gofer
from gofer import Chan, go
from tests import programs


def test_in_the_repl() -> None:
    lines = "import gofer\nch = gofer.Chan()\ngofer.go(ch.send, 41)\nprint(ch.recv() + 1)\n"
    lines += "gofer.Chan().recv()\nprint('on')\n"
    done = subprocess.run(
        [sys.executable, "-i", "-q"],
        input=lines,
        capture_output=True,
        text=True,
        timeout=programs.LIMIT,
        env=programs.environment(),
    )
    assert done.stdout.split() == ["42", "on"]
    assert "all goroutines are asleep - deadlock!" in done.stderr
    assert done.returncode == 0


def test_in_a_thread() -> None:
    got: list[int] = []

    def body() -> None:
        ch: Chan[int] = Chan()
        go(ch.send, 3)
        got.append(ch.recv())

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert got == [3]


def test_traceback_and_warnings_in_a_goroutine() -> None:
    def main() -> tuple[str, str]:
        out: Chan[tuple[str, str]] = Chan()

        def body() -> None:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                warnings.warn("careful", UserWarning, stacklevel=1)
            try:
                raise KeyError("lost")
            except KeyError:
                out.send((traceback.format_exc(), str(caught[0].message)))

        go(body)
        return out.recv()

    text, warned = gofer.run(main)
    assert "in body" in text and "KeyError: 'lost'" in text
    assert warned == "careful"


def test_faulthandler_shows_a_goroutine() -> None:
    done = programs.run_text(
        "import faulthandler\nfrom gofer import Chan, go\n\n"
        "def body(ch):\n    faulthandler.dump_traceback(all_threads=False)\n    ch.send(None)\n\n"
        "ch = Chan()\ngo(body, ch)\nch.recv()\n",
        "plain",
    )
    assert done.status == 0
    assert "in body" in done.err


SCRIPT = """
import gofer
from gofer.sync import WaitGroup
ch = gofer.Chan()
gofer.go(ch.send, [__name__])
print(ch.recv())
wg = WaitGroup()
wg.go(print, "waited for")
wg.wait()
"""


def test_in_a_script() -> None:
    done = programs.run_text(SCRIPT, "plain")
    assert (done.out, done.err, done.status) == ("['__main__']\nwaited for\n", "", 0)


class Terminal:
    """A Python prompt on a terminal of its own."""

    def __init__(self, **environment: str) -> None:
        self.master, slave = pty.openpty()
        self.seen = ""
        self.process = subprocess.Popen(
            [sys.executable, "-q"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=programs.environment(**environment),
            start_new_session=True,
            preexec_fn=programs.before,
        )
        os.close(slave)

    def enter(self, line: str) -> None:
        """At the next prompt: what is typed before it may be lost, as the terminal changes between its modes."""
        self.expect(">>> ")
        os.write(self.master, line.encode() + b"\n")

    def expect(self, text: str) -> None:
        """Reads until the text has come; what the terminal echoes has to differ from it."""
        limit = time.monotonic() + programs.LIMIT
        while text not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(limit - time.monotonic(), 0))
            assert ready, f"no {text!r} in {self.seen!r}"
            self.seen += re.sub("\x1b\\[[0-9;?]*[a-zA-Z]", "", os.read(self.master, 4096).decode(errors="replace"))
        self.seen = self.seen[self.seen.index(text) + len(text) :]

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.mark.parametrize(
    "environment",
    [
        {"PYTHON_BASIC_REPL": "1", "TERM": "dumb"},
        pytest.param(
            {"TERM": "xterm"},
            marks=pytest.mark.skipif(sys.version_info < (3, 13), reason="no other prompt before 3.13"),
        ),
    ],
    ids=["basic", "new"],
)
def test_at_a_terminals_prompt(environment: dict[str, str]) -> None:
    terminal = Terminal(**environment)
    try:
        terminal.enter("import gofer; ch = gofer.Chan(1); gofer.go(ch.send, 41)")
        terminal.enter("print('got', ch.recv() + 1)")
        terminal.expect("got 42")
        terminal.enter("gofer.Chan().recv()")
        terminal.expect("all goroutines are asleep - deadlock!")
        terminal.enter("timer = gofer.time.after_func(9999, print)")
        terminal.enter("print('wait' + 'ing') or ch.recv()")  # one statement: 3.13 goes on with the next one
        terminal.expect("waiting")
        terminal.process.send_signal(signal.SIGINT)
        terminal.expect("KeyboardInterrupt")
        terminal.enter("gofer.go(ch.send, 6); print('still', ch.recv() * 7)")
        terminal.expect("still 42")
        terminal.enter("exit()")
        terminal.process.wait(programs.LIMIT)  # its status after a Ctrl-C is Python's affair
    finally:
        terminal.close()


TESTS = """
import gofer
from gofer import Chan, Map, go
from gofer.sync import WaitGroup

def test_fine():
    ch = Chan()
    go(ch.send, 1)
    assert ch.recv() == 1

def test_wrong():
    ch = Chan()
    go(ch.send, 1)
    assert ch.recv() == 2

def test_deadlock():
    Chan().recv()

def test_panic():
    wg = WaitGroup()
    wg.go(lambda: [][1])
    wg.wait()

def test_fatal():
    def main():
        shared, reached, wg = Map(k=0), Chan(), WaitGroup()
        class Key:
            def __hash__(self):
                return hash("k")
            def __eq__(self, other):
                reached.send(None)
                Chan().recv()
        go(shared.__setitem__, Key(), 1)
        reached.recv()
        wg.go(shared.update, n=1)
        wg.wait()
    gofer.run(main)

def test_fine_after_all():
    ch = Chan()
    go(ch.send, 1)
    assert ch.recv() == 1
"""


def test_under_pytest(tmp_path) -> None:
    path = tmp_path / "test_it.py"
    path.write_text(TESTS)
    done = programs.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(path))
    assert done.status == 1, done.err
    assert "4 failed, 2 passed" in done.out
    for line in (
        "assert 1 == 2\n",
        "gofer.DeadlockError: all goroutines are asleep - deadlock!",
        "gofer.Panic: IndexError: list index out of range [goroutine ",
        "gofer.FatalError: concurrent map writes",
    ):
        assert line in done.out


FORKED = """
import os, sys, threading
import gofer
from gofer import Chan, Executor, aio, blocking, go, runtime
from gofer.sync import WaitGroup

async def answer():
    return 4

def child():
    ch = Chan()
    go(ch.send, 1)
    with Executor() as executor:
        found = [ch.recv(), blocking(int, "2"), executor.submit(int, "3").result(), aio.run(answer())]
    os._exit(0 if found == [1, 2, 3, 4] else 1)

def fork(where):
    pid = os.fork()
    if pid == 0:
        try:
            child()
        finally:
            os._exit(9)
    print(where, os.waitpid(pid, 0)[1])

never = Chan()
timer = gofer.time.after_func(9999, print)
for _ in range(10):
    go(never.recv)
runtime.gosched()
blocking(int)
aio.run(answer())
fork("main")
wg = WaitGroup()
wg.go(fork, "goroutine")
wg.wait()
thread = threading.Thread(target=fork, args=("thread",))
thread.start()
thread.join()
ch = Chan()
go(ch.send, "parent goes on")
print(ch.recv())
"""


@pytest.mark.parametrize("procs", ["1", "3"])
def test_after_fork(procs: str) -> None:
    done = programs.run_text(FORKED, "plain", GOMAXPROCS=procs, PYTHONWARNINGS="ignore::DeprecationWarning")
    assert (done.out, done.err) == ("main 0\ngoroutine 0\nthread 0\nparent goes on\n", "")


MULTIPROCESSING = """
import multiprocessing
import gofer
from gofer import Chan, go

def work(n):
    ch = Chan()
    go(ch.send, n * n)
    return ch.recv()

def main():
    with multiprocessing.get_context("METHOD").Pool(2) as pool:
        print(pool.map(work, range(4)))

if __name__ == "__main__":
    print(work(5))
    main()
"""


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_in_processes_of_multiprocessing(method: str) -> None:
    text = MULTIPROCESSING.replace("METHOD", method)
    done = programs.run_text(text, "plain", PYTHONWARNINGS="ignore::DeprecationWarning")
    assert (done.out, done.err) == ("25\n[0, 1, 4, 9]\n", "")


BESIDE_A_LOOP = """
import asyncio, threading
from gofer import Chan, aio, go

loop = asyncio.new_event_loop()
threading.Thread(target=loop.run_forever, daemon=True).start()
ask, answer = Chan(), Chan(3)

async def serve():
    while True:
        value, ok = await aio.recv_ok(ask)
        if not ok:
            return "done"
        await asyncio.sleep(0)
        await aio.send(answer, value * 2)

async def call(n):
    return await aio.go(pow, n, 2)

serving = asyncio.run_coroutine_threadsafe(serve(), loop)
for n in range(3):
    ask.send(n)
ask.close()
print([answer.recv() for _ in range(3)])
go(lambda: answer.send(asyncio.run_coroutine_threadsafe(call(5), loop).result()))
print(answer.recv(), serving.result())
"""


@pytest.mark.parametrize("procs", ["1", "3"])
def test_beside_a_loop_in_another_thread(procs: str) -> None:
    done = programs.run_text(BESIDE_A_LOOP, "plain", GOMAXPROCS=procs)
    assert (done.out, done.err, done.status) == ("[0, 2, 4]\n25 done\n", "", 0)
