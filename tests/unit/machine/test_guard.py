"""Guards: uncompiled, Ctrl-C does not leave one locked; a core that checks its rule notices where it is broken."""

from __future__ import annotations

import re
import textwrap

import pytest

from gofer._core.sched import scheduler
from tests import programs

UNCOMPILED = str(scheduler.__file__).endswith(".py")
uncompiled = pytest.mark.skipif(not UNCOMPILED, reason="about the uncompiled core")
checks = pytest.mark.skipif(not (UNCOMPILED or scheduler.checks_guards()), reason="this core checks nothing")
unchecked = pytest.mark.skipif(scheduler.checks_guards(), reason="this core checks its guards")


@uncompiled
def test_ctrl_c_inside_a_section_comes_at_its_end() -> None:
    text = """
        import signal
        from gofer import Chan, runtime
        from gofer._core.machine import guard

        runtime.goid()
        outer, inner = guard.make(), guard.make()
        guard.lock(outer)
        guard.lock(inner)
        signal.raise_signal(signal.SIGINT)
        guard.unlock(inner)
        print("still inside")
        try:
            guard.unlock(outer)
            while True:
                pass
        except KeyboardInterrupt:
            print("outside")
        guard.lock(outer)
        guard.unlock(outer)
        Chan(1).send(None)
        signal.raise_signal(signal.SIGINT)
    """
    done = programs.run_text(textwrap.dedent(text))
    assert (done.status, done.out, done.err) == (130, "still inside\noutside\n", "")


@uncompiled
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


def breach(how: str, **changes: str) -> programs.Done:
    """A program that breaks the rule."""
    text = f"""
        import gc
        from gofer import Chan, go, runtime
        from gofer._core.sched import breach

        runtime.goid()
        ch = Chan(1)
        {how}
    """
    return programs.run_text(textwrap.dedent(text), "plain", **changes)


@checks
@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("breach.inside(lambda: ch.send(1))", "guard is taken|object (is made|dies)"),
        ("breach.inside(lambda: go(int))", "core is entered|object (is made|dies)"),
        ("breach.inside(runtime.gosched)", "core is entered|object (is made|dies)"),
        ("breach.inside(gc.collect)", "collection begins|object (is made|dies)"),
        ("breach.armed(lambda: go(int))", "core is entered"),
        ("breach.armed(gc.collect)", "collection begins"),
    ],
)
def test_a_breach_of_the_rule_ends_the_program_and_tells_both_places(how: str, told: str) -> None:
    done = breach(how, GOFER_DEBUG="guards")
    assert done.status == -6, done.err
    assert re.search(told, done.err), done.err
    assert "breach.py:" in done.err


@unchecked
def test_elsewhere_nothing_is_checked() -> None:
    done = breach("breach.armed(lambda: go(int))")
    assert (done.status, done.err) == (0, "")


@pytest.mark.skipif(UNCOMPILED or scheduler.checks_guards(), reason="this core checks when it is asked")
@pytest.mark.parametrize(("asked", "told"), [("guards", True), ("guards=1", True), ("guards=0", False), ("", False)])
def test_a_core_that_cannot_check_says_so(asked: str, told: bool) -> None:
    done = breach("pass", GOFER_DEBUG=asked)
    assert (done.status, "does not check its guards" in done.err) == (0, told)
