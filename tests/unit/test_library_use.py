"""gofer without its command: under plain `python`, with the standard library's tools."""

import subprocess
import sys
import threading
import traceback
import warnings

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
        timeout=50,
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
