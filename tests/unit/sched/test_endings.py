"""What a goroutine held dies as that goroutine, before it has ended: its destructors may do what its code may."""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import gofer
from gofer import Chan, DeadlockError, Executor, context, errgroup, go, runtime, time
from gofer.sync import Mutex, WaitGroup
from tests.waiting import wait_until

VARIABLE: contextvars.ContextVar[Any] = contextvars.ContextVar("VARIABLE", default=None)


class Held:
    """Does something when it dies."""

    def __init__(self, at_death: Callable[[], object]) -> None:
        self.at_death = at_death

    def __del__(self) -> None:
        self.at_death()

    def __call__(self, *args: object) -> None:
        runtime.gosched()

    def method(self) -> None:
        runtime.gosched()


class Failure(Exception):
    """An exception that refers to something."""

    def __init__(self, held: Held) -> None:
        self.held = held


def argument(held: Held) -> None:
    go(lambda it: runtime.gosched(), held)


def keyword(held: Held) -> None:
    go(lambda it=None: runtime.gosched(), it=held)


def function(held: Held) -> None:
    go(held)


def method(held: Held) -> None:
    go(held.method)


def closure(held: Held) -> None:
    def job() -> None:
        assert held is not None
        runtime.gosched()

    go(job)


def builtin_argument(held: Held) -> None:
    go(id, held)


def local(held: Held) -> None:
    box = [held]

    def job() -> None:
        mine = box.pop()
        runtime.gosched()
        assert mine is not None

    go(job)


def result(held: Held) -> None:
    box = [held]
    go(box.pop)


def variable(held: Held) -> None:
    box = [held]

    def job() -> None:
        VARIABLE.set(box.pop())

    go(job)


def inherited_variable(held: Held) -> None:
    def start() -> None:
        VARIABLE.set(held)
        go(runtime.gosched)

    contextvars.copy_context().run(start)


def exception(held: Held) -> None:
    box = [held]

    def job() -> None:
        raise Failure(box.pop())

    go(job)


def frame_of_an_exception(held: Held) -> None:
    box = [held]

    def job() -> None:
        mine = box.pop()
        raise RuntimeError(str(mine is not None))

    go(job)


def frame_of_goexit(held: Held) -> None:
    box = [held]

    def job() -> None:
        mine = box.pop()
        assert mine is not None
        runtime.goexit()

    go(job)


def counted(held: Held) -> None:
    WaitGroup().go(held)


def grouped(held: Held) -> None:
    errgroup.Group().go(held)


def task(held: Held) -> None:
    Executor().submit(held)


def cancellation(held: Held) -> None:
    ctx = context.with_cancel(context.background())
    context.after_func(ctx, held)
    ctx.cancel()


WAYS = [
    *(argument, keyword, function, method, closure, builtin_argument, local, result, variable, inherited_variable),
    *(exception, frame_of_an_exception, frame_of_goexit, counted, grouped, task, cancellation),
]


@pytest.fixture(autouse=True)
def one_worker() -> Iterator[None]:
    """Who starts a goroutine has let go of what it gives it before that ends. Without a GIL, an object that another
    thread has made would be destroyed by that one.
    """
    before = runtime.gomaxprocs(1)
    yield
    runtime.gomaxprocs(before)


@pytest.fixture
def handled() -> Iterator[None]:
    """Goroutines may fail."""
    runtime.set_panic_handler(lambda goroutine, error: None)
    yield
    runtime.set_panic_handler(None)


def ways(*functions: Callable[[Held], None]) -> Any:
    return pytest.mark.parametrize("hold", functions, ids=[each.__name__ for each in functions])


@ways(*WAYS)
@pytest.mark.usefixtures("handled")
def test_its_destructors_run_as_it_and_may_wait(hold: Callable[[Held], None]) -> None:
    seen: list[object] = []

    def main() -> None:
        gate = Chan[str]()
        mutex = Mutex()

        def die() -> None:
            seen.append(runtime.goid())
            runtime.gosched()
            seen.append(gate.recv())
            with mutex:
                seen.append("locked")
            time.sleep(0)
            go(seen.append, "started")

        hold(Held(die))
        wait_until("chan receive", 1)
        (waiting,) = [each for each in runtime.goroutines() if each.wait_reason == "chan receive"]
        assert [waiting.id] == seen
        assert waiting.id != runtime.goid()
        with mutex:
            gate.send("sent")
            wait_until("sync.Mutex.Lock", 1)
        while runtime.num_goroutine() > 1:
            runtime.gosched()

    gofer.run(main)
    assert seen[1:] == ["sent", "locked", "started"]


@ways(argument, function, closure, result, exception, frame_of_an_exception, frame_of_goexit)
@pytest.mark.usefixtures("handled")
def test_its_destructors_see_its_variables(hold: Callable[[Held], None]) -> None:
    def main() -> object:
        found = Chan[object](1)
        held = [Held(lambda: found.send(VARIABLE.get()))]

        def start() -> None:
            VARIABLE.set("its own")
            hold(held.pop())

        contextvars.copy_context().run(start)
        return found.recv()

    assert gofer.run(main) == "its own"


def test_what_its_destructors_receive_is_theirs() -> None:
    def main() -> tuple[int, list[int]]:
        values, pool = Chan[int](), Chan[int](100)
        taken: list[int] = []

        def job(held: Held) -> None:
            values.send(42)

        for n in range(100):
            pool.send(n)
        total = 0
        for _ in range(100):
            go(job, Held(lambda: taken.append(pool.recv())))
            total += values.recv()
        while len(taken) < 100:
            runtime.gosched()
        return total, sorted(taken)

    assert gofer.run(main) == (4200, list(range(100)))


def test_a_destructor_that_waits_for_ever_is_a_deadlock_and_shown() -> None:
    def main() -> None:
        go(lambda held: None, Held(Chan[None]().recv))
        Chan[None]().recv()

    with pytest.raises(DeadlockError) as caught:
        gofer.run(main)
    assert "Held.__del__" in str(caught.value.goroutines)


def test_goroutines_that_a_destructor_starts_are_its_goroutines() -> None:
    def main() -> tuple[int, int]:
        parents = Chan[int](1)
        mine = Chan[int](1)

        def tell() -> None:
            (me,) = [each for each in runtime.goroutines() if each.id == runtime.goid()]
            parents.send(me.parent_id)

        def job(held: Held) -> None:
            mine.send(runtime.goid())

        go(job, Held(lambda: go(tell)))
        return mine.recv(), parents.recv()

    job, parent = gofer.run(main)
    assert job == parent


def test_a_carrier_that_rests_keeps_nothing() -> None:
    dead: list[int] = []

    def main() -> None:
        for n in range(50):
            go(lambda held: runtime.gosched(), Held(lambda n=n: dead.append(n)))  # type: ignore[misc]
        while runtime.num_goroutine() > 1:
            runtime.gosched()
        assert sorted(dead) == list(range(50))

    gofer.run(main)


def test_a_destructor_may_end_its_goroutine_once_more() -> None:
    def main() -> list[str]:
        order: list[str] = []

        def second() -> None:
            order.append("second")

        def first() -> None:
            order.append("first")
            held = Held(second)
            runtime.gosched()
            del held

        go(lambda held: order.append("body"), Held(first))
        while runtime.num_goroutine() > 1:
            runtime.gosched()
        return order

    assert gofer.run(main) == ["body", "first", "second"]


def test_a_destructor_locks_the_thread_of_its_goroutine() -> None:
    def main() -> None:
        done = Chan[None](1)

        def die() -> None:
            runtime.lock_os_thread()
            runtime.gosched()
            runtime.unlock_os_thread()
            done.send(None)

        go(lambda held: None, Held(die))
        done.recv()
        while runtime.num_goroutine() > 1:
            runtime.gosched()

    gofer.run(main)
