"""singleflight.Group."""

from __future__ import annotations

import pytest

import gofer
from gofer import Chan, go, recv, runtime, select
from gofer.singleflight import Group, Result
from gofer.sync import WaitGroup
from tests.waiting import wait_until


def fail() -> int:
    raise KeyError("no")


def test_one_call() -> None:
    assert Group().do("key", lambda: 1) == Result(1, None, False)
    with pytest.raises(KeyError):
        Group().do("key", fail)
    with pytest.raises(TypeError, match="not callable"):
        Group().do("key", None)  # type: ignore[arg-type]


@pytest.mark.parametrize("procs", [1, 4])
def test_those_who_come_meanwhile_share_it(procs: int) -> None:
    def main() -> None:
        group, calls = Group(), []
        release: Chan[int] = Chan()
        entered: Chan[None] = Chan()
        results: Chan[Result[int]] = Chan(20)

        def slow() -> int:
            calls.append(1)
            entered.send(None)
            return release.recv()

        go(lambda: results.send(group.do("key", slow)))
        entered.recv()
        waiting = [group.do_chan("key", fail) for _ in range(3)]
        assert group.do("other", lambda: 5).value == 5
        go(lambda: results.send(group.do("key", fail)))
        wait_until("chan receive", 2)
        release.send(42)
        assert [ch.recv() for ch in waiting] == [Result(42, None, True)] * 3
        assert [results.recv() for _ in range(2)] == [Result(42, None, True)] * 2
        assert calls == [1]

    before = runtime.gomaxprocs(procs)
    try:
        gofer.run(main)
    finally:
        runtime.gomaxprocs(before)


def test_forgetting_starts_anew() -> None:
    def main() -> None:
        group = Group()
        release: Chan[int] = Chan()
        first = group.do_chan("key", release.recv)
        group.forget("key")
        second = group.do_chan("key", lambda: 2)
        assert second.recv() == Result(2, None, False)
        release.send(1)
        assert first.recv() == Result(1, None, False)

    gofer.run(main)


def test_an_exception_reaches_every_caller() -> None:
    def main() -> None:
        group = Group()
        go_on: Chan[None] = Chan()
        entered: Chan[None] = Chan()

        def failing() -> int:
            entered.send(None)
            go_on.recv()
            raise KeyError("shared")

        ch = group.do_chan("key", failing)
        entered.recv()
        told: Chan[str] = Chan()

        def other() -> None:
            try:
                group.do("key", fail)
            except KeyError as error:
                told.send(str(error))

        go(other)
        wait_until("chan receive", 2)
        go_on.close()
        result = ch.recv()
        assert isinstance(result.error, KeyError)
        assert told.recv() == "'shared'"

    gofer.run(main)


def test_goexit_ends_the_callers() -> None:
    def main() -> None:
        group, wg, reached = Group(), WaitGroup(), []

        def caller() -> None:
            group.do("key", runtime.goexit)
            reached.append(1)

        for _ in range(3):
            wg.go(caller)
        wg.wait()
        assert reached == []
        ch = group.do_chan("key", runtime.goexit)
        runtime.gosched()
        assert select(recv(ch), default=True).index == -1

    gofer.run(main)
