"""Runs programs that may die: in a session of their own, with default signals, and never longer than they may."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.leftovers import die_with_parent

ROOT = Path(__file__).parent.parent
LIMIT = 150.0


@dataclass
class Done:
    """What a program has left."""

    out: str
    err: str
    status: int


def before() -> None:
    """What a child does first, in the place of the tests."""
    die_with_parent(0)  # the thread that starts it may end before it; its mark tells whose it is
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # whoever started the tests may have had them ignored


def environment(**changes: str) -> dict[str, str]:
    """The tests' environment, without what would change how gofer runs. A child imports the gofer that the tests
    import: what is installed, or is on the PYTHONPATH. The sources are not put there: they need not be compiled.
    """
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("GOFER", "GOMAXPROCS", "GOTRACEBACK"))}
    return {**kept, **changes}


def start(*command: str, **changes: str) -> subprocess.Popen[str]:
    """Starts `python *command`."""
    return subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(**changes),
        start_new_session=True,
        preexec_fn=before,
    )


def finish(process: subprocess.Popen[str]) -> Done:
    """Waits for the end, and leaves nothing behind."""
    with process:
        try:
            out, err = process.communicate(timeout=LIMIT)
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
    return Done(out, err, process.returncode)


def run(*command: str, **changes: str) -> Done:
    """Runs `python *command` to its end."""
    return finish(start(*command, **changes))


def run_text(text: str, *options: str, **changes: str) -> Done:
    """Runs a program's text under `gofer run`, or with the option "plain" under python alone."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "main.py"
        path.write_text(text)
        if "plain" in options:
            return run(str(path), **changes)
        return run("-m", "gofer", "run", *options, str(path), **changes)
