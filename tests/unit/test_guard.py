"""The uncompiled core's guards: Ctrl-C does not leave one locked. (The compiled core runs no handler inside of one.)"""

from __future__ import annotations

import textwrap

import pytest

from gofer._core import scheduler
from tests import programs

pytestmark = pytest.mark.skipif(not str(scheduler.__file__).endswith(".py"), reason="about the uncompiled core")


def test_ctrl_c_inside_a_section_comes_at_its_end() -> None:
    text = """
        import signal
        from gofer import Chan, runtime
        from gofer._core import guard

        runtime.goid()
        outer, inner = guard.make(), guard.make()
        guard.lock(outer)
        guard.lock(inner)
        signal.raise_signal(signal.SIGINT)
        guard.unlock(inner)
        print("still inside")
        try:
            guard.unlock(outer)
        except KeyboardInterrupt:
            print("outside")
        guard.lock(outer)
        guard.unlock(outer)
        Chan(1).send(None)
        signal.raise_signal(signal.SIGINT)
    """
    done = programs.run_text(textwrap.dedent(text))
    assert (done.status, done.out, done.err) == (130, "still inside\noutside\n", "")


def test_a_programs_own_handler_stays() -> None:
    text = """
        import signal
        from gofer import runtime

        signal.signal(signal.SIGINT, lambda number, frame: print("mine"))
        runtime.goid()
        signal.raise_signal(signal.SIGINT)
    """
    done = programs.run_text(textwrap.dedent(text))
    assert (done.status, done.out, done.err) == (0, "mine\n", "")
