"""Greenlets of the program's own inside a goroutine, as of a library that bridges to coroutines."""

import gc
import random
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import greenlet
import pytest

import gofer
from gofer import Chan, go, recv, runtime, select, time
from gofer._core.sched import scheduler
from gofer.sync import Cond, Mutex, Once, RWMutex, WaitGroup
from tests import programs
from tests.waiting import wait_until

Waiting = Callable[[Chan[Any]], Any]


def spawn(fn: Callable[..., Any], *args: Any) -> Any:
    """Runs a function in a greenlet of its own."""
    return greenlet.greenlet(fn).switch(*args)


def nested(depth: int, fn: Callable[..., Any], *args: Any) -> Any:
    """The same, so many greenlets deep."""
    return fn(*args) if not depth else spawn(nested, depth - 1, fn, *args)


def receives(ch: Chan[Any]) -> Any:
    return ch.recv()


def iterates(ch: Chan[Any]) -> Any:
    return next(iter(ch))


def selects(ch: Chan[Any]) -> Any:
    return select(recv(ch), recv(Chan())).value


def sleeps(ch: Chan[Any]) -> Any:
    time.sleep(0.001)
    return ch.recv()


def yields(ch: Chan[Any]) -> Any:
    runtime.gosched()
    return ch.recv()


def locks(ch: Chan[Any]) -> Any:
    m = Mutex()
    m.lock()
    go(lambda: (ch.recv(), m.unlock()))
    m.lock()
    return 21


def reads(ch: Chan[Any]) -> Any:
    rw = RWMutex()
    rw.lock()
    go(lambda: (ch.recv(), rw.unlock()))
    rw.rlock()
    return 21


def joins(ch: Chan[Any]) -> Any:
    group = WaitGroup()
    group.go(ch.recv)
    group.wait()
    return 21


def is_told(ch: Chan[Any]) -> Any:
    m = Mutex()
    cond = Cond(m)
    got: list[Any] = []

    def tell() -> None:
        got.append(ch.recv())
        with m:
            cond.signal()

    with m:
        go(tell)
        cond.wait_for(lambda: got)
    return got[0]


def blocks(ch: Chan[Any]) -> Any:
    return gofer.blocking(ch.recv)


def does_once(ch: Chan[Any]) -> Any:
    got: list[Any] = []
    once = Once()
    go(once.do, lambda: got.append(ch.recv()))
    runtime.gosched()
    once.do(lambda: None)
    return got[0]


WAYS = [receives, iterates, selects, sleeps, yields, locks, reads, joins, is_told, blocks, does_once]


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("way", WAYS)
def test_what_waits_in_a_greenlet_goes_on_there(way: Waiting, depth: int) -> None:
    def double(ch: Chan[Any]) -> int:
        return 2 * way(ch)

    def main() -> Any:
        ch, out = Chan[int](), Chan[Any](1)
        go(lambda: out.send(nested(depth, double, ch)))
        ch.send(21)
        return out.recv()

    assert gofer.run(main) == 42


@pytest.mark.parametrize("way", WAYS)
def test_in_the_main_goroutine(way: Waiting) -> None:
    def main() -> Any:
        ch: Chan[int] = Chan()
        go(ch.send, 21)
        return nested(2, way, ch)

    assert gofer.run(main) == 21


def test_in_a_foreign_thread() -> None:
    def main() -> Any:
        ch: Chan[int] = Chan()
        go(ch.send, 21)
        return gofer.blocking(nested, 2, receives, ch)

    assert gofer.run(main) == 21


def test_first_use_in_a_greenlet() -> None:
    done = programs.run_text(
        """
import greenlet
from gofer import Chan, go

def first():
    ch = Chan()
    go(ch.send, 1)
    value = ch.recv()
    greenlet.getcurrent().parent.switch(value)
    return 3

inner = greenlet.greenlet(first)
print(inner.switch())
ch = Chan()
go(ch.send, 2)
print(ch.recv(), inner.switch(), inner.dead)
go(ch.send, 4)
print(ch.recv())
""",
        "plain",
    )
    assert (done.out, done.err) == ("1\n2 3 True\n4\n", "")


def test_an_exception_that_leaves_a_greenlet_after_it_has_waited() -> None:
    def fails(ch: Chan[int]) -> int:
        return 1 // ch.recv()

    def main() -> None:
        ch: Chan[int] = Chan()
        go(ch.send, 0)
        with pytest.raises(ZeroDivisionError):
            spawn(fails, ch)

    gofer.run(main)


def bridge(fn: Callable[..., Any], *args: Any) -> list[Any]:
    """As a library's: runs a function in a greenlet, and collects what it hands over in between."""
    inner = greenlet.greenlet(fn)
    got = [inner.switch(*args)]
    while not inner.dead:
        got.append(inner.switch(len(got)))
    return got


def hand_over(value: Any) -> Any:
    return greenlet.getcurrent().parent.switch(value)


def talks(ch: Chan[int], out: Chan[int]) -> str:
    for _ in range(3):
        out.send(hand_over(ch.recv()))
    return "end"


@pytest.mark.parametrize("procs", [1, 4])
def test_greenlets_that_hand_over_and_wait_by_turns(procs: int) -> None:
    def main() -> None:
        results: Chan[Any] = Chan()
        pipes = [(Chan[int](), Chan[int]()) for _ in range(8)]
        for ch, out in pipes:
            go(lambda ch=ch, out=out: results.send(bridge(talks, ch, out)))
        for n in range(3):
            for k, (ch, out) in enumerate(pipes):
                ch.send(10 * k + n)
                assert out.recv() == n + 1
        got = sorted(results.recv() for _ in pipes)
        assert got == [[10 * k, 10 * k + 1, 10 * k + 2, "end"] for k in range(8)]

    before = runtime.gomaxprocs(procs)
    try:
        gofer.run(main)
    finally:
        runtime.gomaxprocs(before)


def test_goroutines_that_go_in_and_out_of_greenlets_at_random() -> None:
    seed = random.randrange(2**32)

    def walk(rng: random.Random, ch: Chan[int], depth: int, steps: list[int]) -> int:
        total = 0
        while steps[0] > 0:
            steps[0] -= 1
            choice = rng.randrange(4)
            if choice == 0 and depth < 5:
                total += spawn(walk, rng, ch, depth + 1, steps)
            elif choice == 1 and depth:
                return total
            elif choice == 2:
                runtime.gosched()
            else:
                total += ch.recv()
        return total

    def feed(ch: Chan[int], stop: Chan[None], sent: list[int]) -> None:
        while select(gofer.send(ch, 1), recv(stop)).index == 0:
            sent[0] += 1

    def main() -> None:
        group = WaitGroup()
        totals: list[int] = []
        sent = [0]
        ch, stop = Chan[int](), Chan[None]()
        for k in range(20):
            group.go(lambda k=k: totals.append(walk(random.Random(seed + k), ch, 0, [60])))
        feeder = WaitGroup()
        feeder.go(feed, ch, stop, sent)
        group.wait()
        stop.close()
        feeder.wait()
        assert sum(totals) == sent[0], seed

    gofer.run(main)


def test_a_greenlet_that_another_goroutine_resumes_waits_as_that_one() -> None:
    def main() -> list[Any]:
        ch: Chan[int] = Chan()
        out: Chan[Any] = Chan(1)

        def body() -> None:
            hand_over(runtime.goid())
            hand_over((runtime.goid(), ch.recv()))

        inner = greenlet.greenlet(body)
        first = inner.switch()

        def resume() -> None:
            inner.parent = greenlet.getcurrent()
            out.send((runtime.goid(), inner.switch()))

        go(resume)
        go(ch.send, 5)
        return [first, out.recv()]

    first, (goid, (seen, value)) = gofer.run(main)
    assert (first, seen, value) == (1, goid, 5)
    assert goid != 1


@pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="uncompiled, the switch itself refers to it")
def test_a_greenlet_that_has_waited_dies_with_the_last_reference_to_it() -> None:
    """Not later, when those go on who have switched to it."""

    def main() -> Any:
        ch: Chan[int] = Chan()
        inner = greenlet.greenlet(lambda: hand_over(ch.recv()))
        go(ch.send, 5)
        assert inner.switch() == 5
        return weakref.ref(inner)

    assert gofer.run(main)() is None


def test_a_greenlet_that_ends_in_another_goroutine_than_its_parent_waits_in() -> None:
    """Its value cannot go to the parent, which waits for something else; who resumed it is told."""

    def main() -> Any:
        ch: Chan[str] = Chan()
        inner = greenlet.greenlet(lambda: hand_over("made") and "end")
        assert inner.switch() == "made"

        def resume() -> None:
            try:
                ch.send(f"got {inner.switch(1)}")
            except RuntimeError as error:
                ch.send(str(error))

        go(resume)
        return ch.recv()

    assert gofer.run(main) == (
        "gofer: a greenlet was switched to in which goroutine 1 waits, or is the parent of one that has ended: "
        "only what it waits for can wake it"
    )


@pytest.mark.parametrize("carriers", ["rest", "run another", "wait for another"])
def test_the_parent_has_ended_with_its_goroutine(carriers: str) -> None:
    """Whatever its carrier does meanwhile, what has come of the greenlet goes to who has resumed it, or is refused."""

    def main() -> list[Any]:
        made: Chan[Any] = Chan()
        results: Chan[str] = Chan()

        def make() -> None:
            inner = greenlet.greenlet(lambda: hand_over(None) and "end")
            inner.switch()
            go(made.send, inner)

        def resume(inner: Any) -> None:
            try:
                results.send(f"got {inner.switch(1)}")
            except RuntimeError as error:
                results.send(str(error))

        got = []
        for _ in range(5):
            go(make)
            inner = made.recv()
            if carriers == "run another":
                go(resume, inner)
                go(runtime.gosched)
            elif carriers == "wait for another":
                for _ in range(10):
                    go(Chan().recv)
                runtime.gosched()
                go(resume, inner)
            else:
                runtime.gosched()
                go(resume, inner)
            got.append(results.recv())
        return got

    for each in gofer.run(main):
        assert each == "got end" or each.endswith("only what it waits for can wake it")


def test_what_a_greenlet_raises_whose_parent_has_ended_goes_to_who_resumed_it() -> None:
    def main() -> Any:
        made, out = Chan[Any](), Chan[Any](1)

        def fails() -> None:
            hand_over(None)
            raise KeyError("lost")

        def make() -> None:
            inner = greenlet.greenlet(fails)
            inner.switch()
            go(made.send, inner)

        def resume(inner: Any) -> None:
            try:
                out.send(inner.switch())
            except KeyError as error:
                out.send(error.args)

        go(make)
        inner = made.recv()
        go(resume, inner)
        return out.recv()

    assert gofer.run(main) == ("lost",)


@pytest.fixture
def one_worker() -> Iterator[None]:
    """Who switches to a greenlet by hand must be on its thread."""
    before = runtime.gomaxprocs(1)
    yield
    runtime.gomaxprocs(before)


def begin(out: Chan[Any], fn: Callable[..., Any], *args: Any) -> Any:
    """A greenlet that has begun in a goroutine, which sends what comes of it."""
    made: Chan[Any] = Chan(1)

    def start() -> None:
        inner = greenlet.greenlet(fn)
        made.send(inner)
        out.send(inner.switch(*args))

    go(start)
    return made.recv()


@pytest.mark.usefixtures("one_worker")
def test_who_switches_to_a_greenlet_that_waits_is_told_and_it_goes_on_waiting() -> None:
    def main() -> Any:
        ch, out = Chan[int](), Chan[Any](1)
        inner = begin(out, receives, ch)
        while not ch.waits_to_receive():
            runtime.gosched()
        for _ in range(3):
            with pytest.raises(RuntimeError, match="only what it waits for can wake it"):
                inner.switch("no")
        ch.send(5)
        return out.recv()

    assert gofer.run(main) == 5


@pytest.mark.usefixtures("one_worker")
def test_what_is_thrown_into_a_greenlet_that_waits_is_raised_there_in_its_turn() -> None:
    def main() -> list[Any]:
        ch, out = Chan[int](), Chan[Any](1)

        def body() -> Any:
            try:
                return ch.recv()
            except KeyError as error:
                return error.args, ch.recv()

        inner = begin(out, body)
        while not ch.waits_to_receive():
            runtime.gosched()
        inner.throw(KeyError("thrown"))
        ch.send(5)
        return [out.recv(), ch.waits_to_receive()]

    assert gofer.run(main) == [(("thrown",), 5), False]


@pytest.mark.usefixtures("one_worker")
def test_a_greenlet_that_waits_is_killed() -> None:
    def main() -> list[Any]:
        ch, out = Chan[int](), Chan[Any](1)
        trace: list[str] = []

        def body() -> None:
            try:
                ch.recv()
            finally:
                trace.append("finally")

        inner = begin(out, body)
        while not ch.waits_to_receive():
            runtime.gosched()
        inner.throw()
        return [type(out.recv()).__name__, trace, inner.dead, ch.waits_to_receive()]

    assert gofer.run(main) == ["GreenletExit", ["finally"], True, False]


def test_a_waiting_greenlet_that_nobody_refers_to_is_kept() -> None:
    def main() -> Any:
        ch, out = Chan[int](), Chan[Any](1)
        go(lambda: out.send(greenlet.greenlet(receives).switch(ch)))
        while not ch.waits_to_receive():
            runtime.gosched()
        gc.collect()
        ch.send(5)
        return out.recv()

    assert gofer.run(main) == 5


def test_main_is_interrupted_where_it_waits_in_a_greenlet() -> None:
    def leave() -> None:
        wait_until("chan receive", 1)
        raise SystemExit(3)

    def main() -> list[Any]:
        trace: list[Any] = []

        def body() -> str:
            try:
                Chan().recv()
            except SystemExit as error:
                trace.append(error.code)
            return "end"

        go(leave)
        trace.append(spawn(body))
        return trace

    assert gofer.run(main) == [3, "end"]


def test_a_trace_function_of_greenlets() -> None:
    def main() -> Any:
        events: list[str] = []
        before = greenlet.settrace(lambda event, args: events.append(event))
        try:
            ch: Chan[int] = Chan()
            go(ch.send, 21)
            got = nested(2, receives, ch)
        finally:
            greenlet.settrace(before)
        return got, set(events)

    assert gofer.run(main) == (21, {"switch"})


def test_a_trace_function_that_fails_interrupts_who_has_been_switched_to() -> None:
    def main() -> Any:
        ch: Chan[int] = Chan()
        group = WaitGroup()

        def fail(event: str, args: Any) -> None:
            raise KeyError("trace")

        def install() -> None:
            greenlet.settrace(fail)
            ch.send(1)

        group.go(install)
        try:
            with pytest.raises(KeyError):
                ch.recv()
        finally:
            greenlet.settrace(None)
        group.wait()

    gofer.run(main)


def test_a_goroutine_computes_in_a_greenlet_and_others_go_on() -> None:
    if not gofer._core.sched.preempt.is_on():
        pytest.skip("nobody is preempted here")
    done = programs.run_text(
        """
import greenlet
from gofer import Chan, go

going = True

def compute():
    n = 0
    while going:
        n += 1
    return n > 0

out = Chan(1)
go(lambda: out.send(greenlet.greenlet(compute).switch()))

def end():
    global going
    going = False

go(end)
print(out.recv())
"""
    )
    assert (done.out, done.err) == ("True\n", "")


@pytest.mark.usefixtures("one_worker")
def test_nobody_is_preempted_in_a_greenlet_whose_caller_holds_a_lock() -> None:
    lock = threading.Lock()

    def compute() -> int:
        return sum(1 for _ in range(2_000_000))

    def main() -> list[bool]:
        done: Chan[None] = Chan(1)
        seen: list[bool] = []

        def hold() -> None:
            with lock:
                spawn(compute)
            done.send(None)

        go(hold)
        go(lambda: seen.append(lock.locked()))
        done.recv()
        runtime.gosched()
        return seen

    assert gofer.run(main) == [False]  # another worker might look meanwhile


def test_what_waits_in_a_greenlet_at_the_end_is_not_unwound() -> None:
    done = programs.run_text(
        """
import greenlet
from gofer import Chan, go, runtime

def waits(ch):
    try:
        ch.recv()
    finally:
        print("unwound")

ch = Chan()
for _ in range(20):
    go(lambda: greenlet.greenlet(waits).switch(ch))
runtime.gosched()
print("end")
"""
    )
    assert (done.out, done.err, done.status) == ("end\n", "", 0)


def test_a_dump_shows_where_it_waits() -> None:
    def main() -> list[str]:
        ch: Chan[int] = Chan()
        go(lambda: spawn(receives, ch))
        while not ch.waits_to_receive():
            runtime.gosched()
        (found,) = [each for each in runtime.goroutines() if each.id != 1]
        ch.send(1)
        return [frame.function for frame in found.frames]

    assert gofer.run(main)[0] == "receives"
