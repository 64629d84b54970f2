"""The running loop of asyncio, the current task and the hooks of generators belong to the goroutine that has them."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest

import gofer
from gofer import Chan, aio, go, runtime, time
from gofer.sync import WaitGroup
from tests import programs


def loop_here() -> Any:
    """The running loop; None where there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def state() -> tuple[Any, Any, Any, int]:
    """All that belongs to the goroutine."""
    loop = loop_here()
    task = asyncio.current_task() if loop is not None else None
    return loop, task, sys.get_asyncgen_hooks(), sys.get_coroutine_origin_tracking_depth()


NOTHING = (None, None, (None, None), 0)


async def five() -> int:
    await asyncio.sleep(0)
    return 5


def in_a_goroutine(fn: Callable[[], Any]) -> Any:
    """What `fn` comes to in a goroutine that the caller starts and waits for."""
    out: Chan[Any] = Chan()

    def attempt() -> None:
        try:
            out.send(fn())
        except Exception as error:
            out.send(error)

    go(attempt)
    return out.recv()


async def cell(fn: Callable[[], Any]) -> tuple[Any, bool]:
    """As a notebook's cell: starts a goroutine below a running loop, and waits for it in its thread."""
    before = state()
    got = in_a_goroutine(fn)
    await asyncio.sleep(0)
    return got, state() == before and before[0] is not None and before[1] is not None


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    ("fn", "right"),
    [
        (state, NOTHING),
        (lambda: aio.run(five()), 5),
        (lambda: asyncio.run(five()), 5),
        (lambda: asyncio.run(cell(state)), (NOTHING, True)),
        (lambda: asyncio.run(cell(lambda: asyncio.run(five()))), (5, True)),
    ],
)
def test_a_goroutine_is_in_no_loop_though_one_runs_on_its_thread(fn: Any, right: Any, debug: bool) -> None:
    assert gofer.run(lambda: asyncio.run(cell(fn), debug=debug)) == (right, True)
    assert state() == NOTHING


@pytest.mark.parametrize("procs", [1, 4])
def test_each_goroutine_has_the_loop_that_it_runs(procs: int) -> None:
    async def waits(n: int, turns: Chan[int]) -> bool:
        before = state()
        same = True
        for _ in range(5):
            turns.send(n)
            await asyncio.sleep(0)
            runtime.gosched()
            same = same and state() == before
            async for value in numbers(n):
                same = same and value == n
        return same

    async def numbers(n: int) -> Any:
        runtime.gosched()
        yield n

    def main() -> list[bool]:
        turns: Chan[int] = Chan()
        results: list[bool] = []
        group = WaitGroup()
        for n in range(6):
            group.go(lambda n=n: results.append(asyncio.run(waits(n, turns))))
        for _ in range(30):
            turns.recv()
            assert state() == NOTHING
        group.wait()
        return results

    before = runtime.gomaxprocs(procs)
    try:
        assert gofer.run(main) == [True] * 6
    finally:
        runtime.gomaxprocs(before)


@pytest.mark.parametrize(
    "wait",
    [
        runtime.gosched,
        lambda: time.sleep(0.001),
        lambda: gofer.blocking(int),
        lambda: gofer.select(gofer.recv(gofer.time.after(0.001))),
        lambda: aio.run(five()) if loop_here() is None else None,
        lambda: in_a_goroutine(state),
    ],
)
def test_every_wait_keeps_it(wait: Callable[[], Any]) -> None:
    async def waits() -> bool:
        before = state()
        wait()
        return state() == before

    assert gofer.run(lambda: asyncio.run(waits())) is True


def test_a_goroutine_that_ends_with_a_loop_leaves_none() -> None:
    def main() -> Any:
        loop = asyncio.new_event_loop()
        go(asyncio._set_running_loop, loop)
        runtime.gosched()
        go(sys.set_asyncgen_hooks, print)
        runtime.gosched()
        loop.close()
        return in_a_goroutine(state), state()

    assert gofer.run(main) == (NOTHING, NOTHING)


def test_hooks_without_a_loop() -> None:
    """As trio's."""

    def hook(generator: Any) -> None:
        raise AssertionError("a stranger's generator")

    async def numbers() -> Any:
        yield 1

    def main() -> Any:
        sys.set_asyncgen_hooks(firstiter=hook)
        try:
            seen = in_a_goroutine(lambda: (state(), asyncio.run(first())))
            assert sys.get_asyncgen_hooks().firstiter is hook
        finally:
            sys.set_asyncgen_hooks(None, None)
        return seen

    async def first() -> Any:
        return [value async for value in numbers()]

    assert gofer.run(main) == (NOTHING, [1])


def test_the_tasks_of_each_loop() -> None:
    async def child() -> int:
        runtime.gosched()
        await asyncio.sleep(0)
        return 1

    async def parent() -> int:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(child()) for _ in range(5)]
        assert len(asyncio.all_tasks()) == 1
        return sum(task.result() for task in tasks)

    def main() -> list[int]:
        results: list[int] = []
        group = WaitGroup()
        for _ in range(4):
            group.go(lambda: results.append(asyncio.run(parent())))
        group.wait()
        return results

    assert gofer.run(main) == [5] * 4


def test_an_interruption_within_a_loop() -> None:
    def leave() -> None:
        raise SystemExit(3)

    async def waits() -> None:
        before = state()
        try:
            Chan().recv()
        finally:
            assert state() == before

    def main() -> None:
        go(leave)
        asyncio.run(waits())

    with pytest.raises(SystemExit):
        gofer.run(main)
    assert state() == NOTHING


@pytest.mark.parametrize("first", ["import gofer", "import asyncio", "import asyncio, uvloop"])
@pytest.mark.parametrize("made", ["asyncio.new_event_loop", "uvloop.new_event_loop"])
def test_whatever_is_imported_first(first: str, made: str) -> None:
    if "uvloop" in first + made:
        pytest.importorskip("uvloop")
    done = programs.run_text(
        f"""
{first}
import asyncio, gofer
if "uvloop" in {made!r}:
    import uvloop
from gofer import Chan, go

def seen():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

async def cell():
    out = Chan()
    go(lambda: out.send(seen()))
    return out.recv(), seen() is not None

with asyncio.Runner(loop_factory={made}) as runner:
    gofer.runtime.gosched()
    print(runner.run(cell()))
""",
        "plain",
    )
    assert (done.out, done.err) == ("(None, True)\n", "")


def test_a_main_goroutine_that_begins_in_a_loop() -> None:
    """`gofer.run` in a cell, where gofer was not used before the loop ran."""
    done = programs.run_text(
        """
import asyncio

def seen():
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None

async def cell():
    import gofer
    def main():
        out = gofer.Chan()
        gofer.go(lambda: out.send(seen()))
        return out.recv(), seen() is not None
    return gofer.run(main), seen() is not None

print(asyncio.run(cell()))
""",
        "plain",
    )
    assert (done.out, done.err) == ("((None, True), True)\n", "")


def test_the_functions_are_the_library_s_still() -> None:
    with pytest.raises(TypeError):
        asyncio._set_running_loop()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        sys.set_asyncgen_hooks(firstiter=3)  # type: ignore[arg-type]
    assert sys.set_asyncgen_hooks.__name__ == "set_asyncgen_hooks"
