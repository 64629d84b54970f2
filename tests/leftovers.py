"""Every process that a test starts ends with it, whatever ends the test: a plugin of pytest. See `processes`."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Generator

import pytest

from tests import processes

MARK = f"{os.getpid()}:{os.urandom(8).hex()}"
FAILED = pytest.StashKey[bool]()
KEEPS = sys.platform == "linux" and hasattr(os, "pidfd_open")
PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGKILL) -> None:
    """The system sends this process that signal when the thread that forked it ends; 0: not any more."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)


def pytest_configure(config: pytest.Config) -> None:
    """Marks all that will be started, and starts this process's keeper."""
    if not KEEPS:
        return
    script = [sys.executable, "-I", "-S", processes.__file__, MARK, str(os.getpid())]
    if hasattr(config, "workerinput"):
        script.append(str(os.getppid()))
    quiet = subprocess.DEVNULL
    keeper = subprocess.Popen(script, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True)
    keeper.returncode = 0  # it outlives this process, and is not waited for
    os.environ[processes.VARIABLE] = f"{os.environ.get(processes.VARIABLE, '')} {MARK}"
    os.register_at_fork(after_in_child=die_with_parent)  # its environment bears no mark, as it is still this program


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Notes that a test has failed."""
    if call.excinfo is not None and not call.excinfo.errisinstance(pytest.skip.Exception):
        item.stash[FAILED] = True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Ends what a test has left running; it is a failure where there was none yet."""
    yield
    if not KEEPS:
        return
    failed = item.stash.get(FAILED, False)
    left = processes.marked(MARK) if failed else processes.still_running(MARK)
    if left:
        commands = [processes.command(process) for process in left]
        processes.end_all(MARK)
        if not failed:
            pytest.fail("\n".join(["the test has left running:", *commands]), pytrace=False)
