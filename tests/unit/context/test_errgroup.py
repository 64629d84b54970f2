"""errgroup.Group."""

from __future__ import annotations

import pytest

import gofer
from gofer import Chan, Panic, context, go, recv, runtime, select
from gofer.context import Canceled
from gofer.errgroup import Group
from tests import programs
from tests.waiting import wait_until


def fail(error: Exception) -> None:
    raise error


def test_no_error() -> None:
    def main() -> list[int]:
        done: Chan[int] = Chan(10)
        group = Group()
        for n in range(5):
            group.go(done.send, n)
        group.wait()
        assert isinstance(context.cause(group.ctx), Canceled)
        return sorted(done.recv() for _ in range(5))

    assert gofer.run(main) == [0, 1, 2, 3, 4]


def test_the_first_error_is_raised_and_is_the_cause() -> None:
    def main() -> None:
        first, later = ValueError("first"), ValueError("later")
        parent = context.with_cancel(context.background())
        group = Group(parent)

        def wait_and_fail() -> None:
            group.ctx.done().recv()
            raise later

        group.go(wait_and_fail)
        group.go(fail, first)
        with pytest.raises(ValueError, match=r"^first$") as raised:
            group.wait()
        assert raised.value is first
        assert context.cause(group.ctx) is first
        assert parent.err() is None

    gofer.run(main)


def test_the_parent_ends_the_group() -> None:
    parent = context.with_cancel(context.background())
    group = Group(parent)
    parent.cancel(KeyError("gone"))
    assert isinstance(context.cause(group.ctx), KeyError)


def test_a_limit_is_kept() -> None:
    def main() -> int:
        group = Group()
        group.set_limit(3)
        running = most = 0

        def work() -> None:
            nonlocal running, most
            running += 1
            most = max(most, running)
            runtime.gosched()
            running -= 1

        for _ in range(30):
            group.go(work)
        group.wait()
        return most

    before = runtime.gomaxprocs(1)
    try:
        assert gofer.run(main) == 3
    finally:
        runtime.gomaxprocs(before)


def test_try_go_and_changing_the_limit() -> None:
    def main() -> None:
        group = Group()
        release: Chan[None] = Chan()
        group.set_limit(2)
        assert [group.try_go(release.recv) for _ in range(3)] == [True, True, False]
        message = r"^errgroup: modify limit while 2 goroutines in the group are still active$"
        for limit in (5, 1, 0):
            with pytest.raises(Panic, match=message):
                group.set_limit(limit)
        group.set_limit(-1)  # as in Go: no limit may be set at any time
        assert group.try_go(release.recv)
        release.close()
        group.wait()
        group.set_limit(0)
        assert not group.try_go(print)
        group.set_limit(-1)
        assert group.try_go(runtime.goid)
        group.wait()

    gofer.run(main)


def test_the_block_waits() -> None:
    def main() -> None:
        done: Chan[str] = Chan(2)
        with Group() as group:
            group.go(done.send, "one")
        assert len(done) == 1
        with pytest.raises(KeyError), Group() as group:
            group.go(fail, KeyError("k"))

    gofer.run(main)


def test_a_block_that_fails_ends_the_context_and_waits() -> None:
    def main() -> None:
        left: Chan[None] = Chan()
        ended: Chan[BaseException | None] = Chan(1)

        def work() -> None:
            group.ctx.done().recv()
            left.recv()
            ended.send(context.cause(group.ctx))

        def let_end() -> None:
            wait_until("sync.WaitGroup.Wait", 1)
            left.send(None)

        body = ValueError("body")
        with pytest.raises(ValueError, match="body"), Group() as group:
            group.go(work)
            go(let_end)
            raise body
        assert select(recv(ended), default=True).value is body

    gofer.run(main)


def test_a_block_that_is_left_for_good_does_not_wait() -> None:
    """By Ctrl-C, or the end of the program: what still runs is told that it is over, and no more."""

    def main() -> None:
        never: Chan[None] = Chan()
        with pytest.raises(KeyboardInterrupt), Group() as group:
            group.go(never.recv)
            raise KeyboardInterrupt
        assert group.ctx.err() is not None
        never.close()

    gofer.run(main)


def test_goexit_ends_one_goroutine() -> None:
    def main() -> None:
        with Group() as group:
            group.go(runtime.goexit)

    gofer.run(main)


def test_what_cannot_be_called() -> None:
    for start in (Group().go, Group().try_go):
        with pytest.raises(TypeError, match="not callable"):
            start(None)  # type: ignore[arg-type]
    for limit in (1.5, True, "3"):
        with pytest.raises(TypeError, match=f"a whole number is needed, not {type(limit).__name__}$"):
            Group().set_limit(limit)  # type: ignore[arg-type]


def test_system_exit_ends_the_program() -> None:
    done = programs.run_text(
        "import sys\nfrom gofer import errgroup\nwith errgroup.Group() as g:\n    g.go(sys.exit, 7)\n"
    )
    assert (done.status, done.err) == (7, "")


def test_a_fatal_error_ends_the_program() -> None:
    text = "from gofer import errgroup, sync\nwith errgroup.Group() as g:\n    g.go(sync.Mutex().unlock)\n"
    done = programs.run_text(text)
    assert done.status == 2
    assert done.err.startswith("fatal error: sync: unlock of unlocked mutex\n")
