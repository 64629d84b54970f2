"""What `runtime.goroutines()` and dumps show of calls: of goroutines that wait, that run, and that have not begun."""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import gofer
from gofer import Chan, go, runtime
from tests.waiting import wait_until

HERE = "test_stacks.py"


def stack_of(fn: Callable[..., object], *args: object) -> tuple[runtime.Frame, ...]:
    """The stack of a goroutine that calls `fn(gate, *args)` and waits there for the gate."""

    def main() -> tuple[runtime.Frame, ...]:
        gate: Chan[None] = Chan()
        go(fn, gate, *args)
        wait_until("chan receive", 1)
        frames = runtime.goroutines()[-1].frames
        gate.close()
        return frames

    return gofer.run(main)


def calls(frames: tuple[runtime.Frame, ...]) -> list[str]:
    """`function(arguments)` of each frame but those of the test itself, without the names that it is inside of."""
    return [f"{frame.function.rpartition('.')[2]}({frame.arguments})" for frame in frames]


def plain(gate: Chan[None], first: int, /, second: int = 2, *rest: int, third: int = 3, **more: int) -> None:
    gate.recv()


def test_arguments_are_those_with_a_name_of_their_own() -> None:
    assert calls(stack_of(plain, 1, 5, 6, 7)) == ["plain(gate=<Chan 0/0>, first=1, second=5, third=3)"]


def test_an_argument_has_the_value_that_it_has_now_and_is_missing_once_deleted() -> None:
    def changes(gate: Chan[None], first: int, second: int) -> None:
        first = first + 1
        del second
        gate.recv()

    assert calls(stack_of(changes, 1, 2)) == ["changes(gate=<Chan 0/0>, first=2)"]


def test_an_argument_that_inner_functions_use() -> None:
    def shares(gate: Chan[None], n: int, gone: int) -> None:
        def inner() -> tuple[int, int]:
            nonlocal n
            n += 1
            return n, gone  # noqa: F821 (it is deleted below)

        inner()
        del gone
        gate.recv()

    assert calls(stack_of(shares, 1, 2)) == ["shares(gate=<Chan 0/0>, n=2)"]


def test_a_value_whose_repr_fails_and_a_long_one() -> None:
    class Bad:
        def __repr__(self) -> str:
            raise LookupError

    shown = calls(stack_of(plain, Bad(), "x" * 500))[0]
    assert "first=<Bad instance at 0x" in shown and "..." in shown and len(shown) < 200


def test_generators_and_calls_from_c() -> None:
    def numbers(gate: Chan[None]) -> Iterator[int]:
        yield 1
        yield from deeper(gate)

    def deeper(gate: Chan[None]) -> Iterator[int]:
        gate.recv()
        yield 2

    def works(gate: Chan[None]) -> None:
        sorted(numbers(gate), key=lambda n: -n)

    def sorts(gate: Chan[None]) -> None:
        sorted([1], key=lambda n: gate.recv())

    assert calls(stack_of(works)) == [f"{name}(gate=<Chan 0/0>)" for name in ("deeper", "numbers", "works")]
    assert calls(stack_of(sorts)) == ["<lambda>(n=1)", "sorts(gate=<Chan 0/0>)"]


def test_blocks_that_are_calls_to_the_interpreter() -> None:
    def runs(gate: Chan[None]) -> None:
        class Body:
            value = gate.recv()

    @contextlib.contextmanager
    def manager(gate: Chan[None]) -> Iterator[None]:
        gate.recv()
        yield

    def enters(gate: Chan[None]) -> None:
        with manager(gate):
            pass

    class Made:
        def __init__(self, gate: Chan[None]) -> None:
            gate.recv()

    def makes(gate: Chan[None]) -> None:
        for each in (closed, closed, closed, closed, gate):  # often enough to be called the short way
            Made(each)

    closed: Chan[None] = Chan()
    closed.close()
    assert calls(stack_of(runs)) == ["Body()", "runs(gate=<Chan 0/0>)"]
    assert calls(stack_of(enters))[0] == "manager(gate=<Chan 0/0>)"
    assert calls(stack_of(makes))[0].startswith("__init__(self=")


def test_every_call_has_the_line_that_it_is_at() -> None:
    def outer(gate: Chan[None]) -> None:
        inner(
            gate,
        )

    def inner(gate: Chan[None]) -> None:
        if gate:
            gate.recv()

    frames = stack_of(outer)
    first = outer.__code__.co_firstlineno
    assert [(frame.file.endswith(HERE), frame.line - first) for frame in frames] == [(True, 7), (True, 1)]


def test_a_deep_stack_is_shown_whole() -> None:
    def down(gate: Chan[None], n: int) -> None:
        if n:
            down(gate, n - 1)
        gate.recv()

    frames = stack_of(down, 500)
    assert [frame.arguments for frame in frames] == [f"gate=<Chan 0/0>, n={n}" for n in range(501)]


def test_one_that_has_not_started() -> None:
    def main() -> tuple[tuple[runtime.Frame, ...], ...]:
        runtime.gosched()
        go(plain, Chan(), 1)
        go(print, end="")
        return tuple(g.frames for g in runtime.goroutines()[1:])

    own = plain.__code__.co_firstlineno
    before = runtime.gomaxprocs(1)  # another worker might start it
    try:
        listed = gofer.run(main)
    finally:
        runtime.gomaxprocs(before)
    ahead = [(f.function, f.arguments, f.line) for frames in listed for f in frames if f.arguments != ""]
    assert ahead == [("plain", "...", own)]


def test_the_caller_is_shown_from_where_it_calls() -> None:
    def main() -> tuple[Any, str]:
        return runtime.goroutines()[0].frames[0], runtime.stack()

    frame, text = gofer.run(main)
    line = main.__code__.co_firstlineno + 1
    assert (frame.function.rpartition(".")[2], frame.line) == ("main", line)
    assert text.splitlines()[0] == "goroutine 1 [running]:" and text.splitlines()[2].endswith(f"{HERE}:{line}")


def test_a_foreign_thread_looks() -> None:
    def main() -> tuple[list[str], str]:
        gate: Chan[None] = Chan()
        go(plain, gate, 1)
        wait_until("chan receive", 1)
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.extend([runtime.goroutines(), runtime.stack()]))
        thread.start()
        thread.join()
        gate.close()
        infos, own = found
        assert [(g.id == 1, g.state) for g in infos] == [(True, "running"), (False, "waiting")]
        assert "main()" in calls(infos[0].frames)
        return calls(infos[1].frames), own

    shown, own = gofer.run(main)
    assert shown == ["plain(gate=<Chan 0/0>, first=1, second=2, third=3)"]
    assert own.startswith("goroutine 0 [running]:") and "lambda" in own


def test_a_look_keeps_nothing() -> None:
    class Held:
        pass

    def waits(gate: Chan[None], held: Held) -> None:
        gate.recv()

    def main() -> None:
        gate: Chan[None] = Chan()
        held = Held()
        go(waits, gate, held)
        wait_until("chan receive", 1)
        counts = []
        for _ in range(100):
            runtime.goroutines()
            runtime.stack(all=True)
            counts.append((sys.getrefcount(held), sys.getrefcount(waits.__code__)))
        assert counts[0] == counts[-1]
        gone = weakref.ref(held)
        del held
        gate.close()
        while runtime.num_goroutine() > 1:
            runtime.gosched()
        gc.collect()
        assert gone() is None

    gofer.run(main)
