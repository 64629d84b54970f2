"""gofer.sync, from outside; the Map has a file of its own."""

import copy
import doctest
import gc
import pickle
import sys
import threading
import weakref
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import pytest

import gofer
from gofer import Chan, DeadlockError, FatalError, WaitGroupError, go, runtime, sync
from gofer._core.machine import guard
from gofer._core.sched import interrupts, scheduler
from gofer.sync import Cond, Locker, Map, Mutex, Once, Pool, RWMutex, WaitGroup, once_func, once_value, once_values
from tests.waiting import wait_until


def test_wait_returns_when_all_are_done() -> None:
    def main() -> int:
        wg = WaitGroup()
        done = []
        wg.add(100)
        for n in range(100):
            go(lambda n=n: (gofer.runtime.gosched(), done.append(n), wg.done()))
        wg.wait()
        return len(done)

    assert gofer.run(main) == 100


def test_waitgroup_go() -> None:
    def main() -> list[int]:
        wg = WaitGroup()
        out: list[int] = []
        for n in range(5):
            wg.go(out.append, n)
        wg.wait()
        return sorted(out)

    assert gofer.run(main) == list(range(5))


def test_several_wait_and_the_group_is_used_again() -> None:
    def main() -> int:
        wg = WaitGroup()
        rest = WaitGroup()
        count = []
        for _ in range(3):
            wg.add(2)
            for _ in range(4):
                rest.go(lambda: (wg.wait(), count.append(1)))
            go(wg.done)
            go(wg.done)
            rest.wait()
        return len(count)

    assert gofer.run(main) == 12


def test_a_negative_counter() -> None:
    with pytest.raises(WaitGroupError, match="^sync: negative WaitGroup counter$"):
        WaitGroup().done()


def test_go_of_something_that_cannot_be_called() -> None:
    wg = WaitGroup()
    with pytest.raises(TypeError, match="not callable"):
        wg.go(None)  # type: ignore[arg-type]
    wg.wait()


VALUES: list[Any] = [WaitGroup(), Mutex(), RWMutex(), RWMutex().reader, Once(), Cond(Mutex()), Chan(), Map(), Pool()]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_nothing_is_copied(duplicate: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(TypeError, match=f"^a {type(value).__name__} must not be copied$"):
        duplicate(value)


@pytest.mark.parametrize("name", sync.__all__)
def test_examples_in_the_documentation(name: str) -> None:
    found = getattr(sync, name)
    assert found.__doc__
    runner = doctest.DocTestRunner()
    runner.run(doctest.DocTestParser().get_doctest(found.__doc__, {name: found}, name, None, 0))
    assert runner.summarize(verbose=False).failed == 0


def test_a_group_is_used_again_too_early() -> None:
    def main() -> str:
        wg = WaitGroup()
        wg.add(1)
        caught: Chan[str] = Chan(1)

        def wait() -> None:
            try:
                wg.wait()
                caught.send("nothing")
            except WaitGroupError as error:
                caught.send(str(error))

        go(wait)
        wait_until("sync.WaitGroup.Wait", 1)
        wg.done()
        wg.add(1)
        return caught.recv()

    if runtime.gomaxprocs() == 1:
        assert gofer.run(main) == "sync: WaitGroup is reused before previous Wait has returned"
    else:  # the waiter may go on before the group is used again
        assert gofer.run(main) in ("nothing", "sync: WaitGroup is reused before previous Wait has returned")


def test_mutex_excludes_and_is_first_come_first_served() -> None:
    def main() -> list[int]:
        m = Mutex()
        wg = WaitGroup()
        order: list[int] = []

        def enter(n: int) -> None:
            with m:
                order.append(n)
                gofer.runtime.gosched()

        m.lock()
        for n in range(10):
            wg.go(enter, n)
        for _ in range(3):
            gofer.runtime.gosched()
        assert not m.try_lock()
        m.unlock()
        wg.wait()
        assert not m.locked()
        return order

    assert sorted(gofer.run(main)) == list(range(10))


def test_mutex_counts_right_under_threads_and_goroutines() -> None:
    def main() -> int:
        m = Mutex()
        box = [0]
        wg = WaitGroup()

        def add() -> None:
            for _ in range(200):
                with m:
                    value = box[0]
                    gofer.runtime.gosched()
                    box[0] = value + 1

        done = WaitGroup()
        done.add(3)
        for _ in range(3):
            threading.Thread(target=lambda: (add(), done.done())).start()
        for _ in range(3):
            wg.go(add)
        wg.wait()
        done.wait()
        return box[0]

    assert gofer.run(main) == 1200


def test_unlock_of_an_unlocked_mutex() -> None:
    with pytest.raises(FatalError, match="^sync: unlock of unlocked mutex$"):
        Mutex().unlock()


def test_readers_share_and_a_writer_does_not() -> None:
    rw = RWMutex()
    with rw.reader:
        assert rw.try_rlock()
        assert not rw.try_lock()
        rw.runlock()
    with rw:
        assert not rw.try_rlock()
        assert not rw.try_lock()
    assert rw.try_lock()
    rw.unlock()


def test_a_writer_that_waits_keeps_new_readers_out_and_then_lets_them_in() -> None:
    def main() -> list[str]:
        rw = RWMutex()
        wg = WaitGroup()
        order: list[str] = []

        def write(name: str) -> None:
            with rw:
                order.append(name)

        def read() -> None:
            with rw.reader:
                order.append("reader")
                runtime.gosched()

        rw.rlock()
        wg.go(write, "first writer")
        wait_until("sync.RWMutex.Lock", 1)
        assert not rw.try_rlock()
        for _ in range(3):
            wg.go(read)
        wait_until("sync.RWMutex.RLock", 3)
        wg.go(write, "second writer")
        wait_until("sync.RWMutex.Lock", 2)
        rw.runlock()
        wg.wait()
        assert rw.try_lock()
        return order

    assert gofer.run(main) == ["first writer", "reader", "reader", "reader", "second writer"]


@pytest.mark.parametrize(
    ("misuse", "text"),
    [
        (lambda rw: rw.unlock(), "sync: Unlock of unlocked RWMutex"),
        (lambda rw: rw.runlock(), "sync: RUnlock of unlocked RWMutex"),
        (lambda rw: (rw.rlock(), rw.unlock()), "sync: Unlock of unlocked RWMutex"),
        (lambda rw: (rw.lock(), rw.reader.unlock()), "sync: RUnlock of unlocked RWMutex"),
    ],
)
def test_misuse_of_an_rwmutex(misuse: Callable[[RWMutex], object], text: str) -> None:
    with pytest.raises(FatalError, match=f"^{text}$"):
        misuse(RWMutex())


def test_a_writer_that_is_interrupted_lets_in_whom_it_kept_waiting() -> None:
    rw = RWMutex()
    read: Chan[str] = Chan(1)

    def reader() -> None:
        with rw.reader:
            pass
        read.send("read")

    def main() -> None:
        rw.rlock()
        go(lambda: (wait_until("sync.RWMutex.Lock", 1), reader()))
        with pytest.raises(DeadlockError):
            rw.lock()
        assert read.recv() == "read"
        rw.runlock()
        assert rw.try_lock()

    gofer.run(main)


@pytest.mark.parametrize("kind", [Mutex, RWMutex])
def test_interrupted_and_let_go_at_once(kind: type[Mutex] | type[RWMutex]) -> None:
    """The lock is let go between the interruption and the moment at which the waiter learns of it."""

    def main() -> None:
        m = kind()
        m.lock()
        g = scheduler.current()

        def stop() -> None:
            wait_until(f"sync.{kind.__name__}.Lock", 1)
            interrupts.interrupt(g, InterruptedError("stop"))
            m.unlock()
            unlocked.close()

        unlocked: Chan[None] = Chan()
        go(stop)
        with pytest.raises(InterruptedError):
            m.lock()
        unlocked.recv()
        assert m.try_lock()

    gofer.run(main)


def test_lockers() -> None:
    rw = RWMutex()
    for locker in (Mutex(), rw, rw.reader):
        assert isinstance(locker, Locker)
    assert not isinstance(Chan(), Locker)


def test_once_runs_once_and_everybody_waits_for_it() -> None:
    def main() -> tuple[list[int], int]:
        once = Once()
        wg = WaitGroup()
        ran: list[int] = []
        seen: list[int] = []
        gate: Chan[None] = Chan()

        def slow(n: int) -> None:
            gate.recv()
            ran.append(n)

        def ask(n: int) -> None:
            once.do(lambda: slow(n))
            seen.append(len(ran))

        for n in range(10):
            wg.go(ask, n)
        wait_until("sync.Mutex.Lock", 9)
        gate.close()
        wg.wait()
        return seen, len(ran)

    assert gofer.run(main) == ([1] * 10, 1)


def test_once_is_done_though_its_function_raises() -> None:
    once = Once()
    with pytest.raises(ZeroDivisionError):
        once.do(lambda: 1 // 0)
    once.do(lambda: pytest.fail("a second call"))


def test_a_once_is_not_done_by_what_cannot_be_called() -> None:
    once = Once()
    with pytest.raises(TypeError, match=r"^Once\.do: None is not callable$"):
        once.do(None)  # type: ignore[arg-type]
    ran: list[int] = []
    once.do(lambda: ran.append(1))
    assert ran == [1]


def test_once_within_itself_waits_for_ever() -> None:
    def main() -> None:
        once = Once()
        once.do(lambda: once.do(lambda: None))

    with pytest.raises(DeadlockError):
        gofer.run(main)


def test_once_func_and_the_others() -> None:
    calls: list[int] = []

    def pair() -> tuple[int, str]:
        """Documented."""
        calls.append(1)
        return len(calls), "x"

    first, value, values = once_func(pair), once_value(pair), once_values(pair)
    assert (first(), first(), len(calls)) == (None, None, 1)
    assert value() is value() == (2, "x")
    assert values() == values() == (3, "x")
    assert (value.__name__, value.__doc__) == ("pair", "Documented.")
    for make in (once_func, once_value, once_values):
        with pytest.raises(TypeError, match=f"^{make.__name__}: 5 is not callable$"):
            make(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("make", [once_func, once_value, once_values])
def test_the_same_exception_each_time(make: Callable[..., Callable[[], object]]) -> None:
    def fail() -> tuple[int]:
        raise KeyError("k")

    asked = make(fail)
    caught = []
    for _ in range(3):
        with pytest.raises(KeyError) as found:
            asked()
        caught.append((found.value, [entry.name for entry in found.traceback]))
    assert len({id(error) for error, _ in caught}) == 1
    assert caught[0][1] == caught[1][1] == caught[2][1]
    assert caught[0][1][-1] == "fail"  # where it was raised, in the only call


def test_once_value_lets_go_of_the_function() -> None:
    class Maker:
        def __call__(self) -> int:
            return 7

    maker = Maker()
    alive = weakref.ref(maker)
    value = once_value(maker)
    del maker
    assert value() == 7
    gc.collect()
    assert alive() is None
    assert value() == 7


def test_signal_wakes_the_first_and_broadcast_all() -> None:
    def main() -> list[int]:
        cond = Cond(Mutex())
        wg = WaitGroup()
        woken: list[int] = []

        def wait(n: int) -> None:
            with cond.lock:
                cond.wait()
                woken.append(n)

        for n in range(4):
            wg.go(wait, n)
            wait_until("sync.Cond.Wait", n + 1)
        cond.signal()
        while len(woken) < 1:
            runtime.gosched()
        assert woken == [0]
        cond.broadcast()
        wg.wait()
        cond.signal()
        return sorted(woken)

    assert gofer.run(main) == [0, 1, 2, 3]


def test_wait_for() -> None:
    def main() -> int:
        cond = Cond(RWMutex().reader)
        box: list[int] = []

        def put() -> None:
            cond.broadcast()
            runtime.gosched()
            box.append(5)
            cond.signal()

        go(put)
        with cond.lock:
            return cond.wait_for(lambda: box and box[0])

    assert gofer.run(main) == 5


def test_a_signal_that_comes_while_the_lock_is_let_go() -> None:
    """The lock may be anybody's, and may itself wait."""

    class Slow:
        def __init__(self) -> None:
            self.tokens: Chan[None] = Chan(1)

        def lock(self) -> None:
            self.tokens.send(None)

        def unlock(self) -> None:
            self.tokens.recv()
            for _ in range(3):
                runtime.gosched()

    def main() -> int:
        cond = Cond(Slow())
        woken: list[int] = []

        def wait() -> None:
            cond.lock.lock()
            cond.wait()
            woken.append(1)
            cond.lock.unlock()

        wg = WaitGroup()
        for _ in range(3):
            wg.go(wait)
            cond.lock.lock()
            cond.lock.unlock()
        while len(woken) < 3:
            cond.signal()
            runtime.gosched()
        wg.wait()
        return len(woken)

    assert gofer.run(main) == 3


def test_a_lock_that_cannot_be_let_go() -> None:
    cond = Cond(Mutex())
    with pytest.raises(FatalError, match="unlock of unlocked mutex"):
        cond.wait()
    with pytest.raises(TypeError, match=r"^Cond: a Locker is needed, but int has no lock\(\)$"):
        Cond(5)  # type: ignore[type-var]


def test_a_wait_that_was_signalled_is_not_interrupted_but_what_waits_next_is() -> None:
    def main() -> None:
        cond = Cond(Mutex())
        g = scheduler.current()
        other = WaitGroup()

        def wait() -> None:
            with cond.lock:
                cond.wait()

        def stop() -> None:
            wait_until("sync.Cond.Wait", 2)
            cond.signal()  # main's
            scheduler.interrupt(g, InterruptedError("stop"))

        with cond.lock:
            other.go(wait)
            go(stop)
            cond.wait()
            assert cond.lock.locked()
            assert sum(each.wait_reason == "sync.Cond.Wait" for each in runtime.goroutines()) == 1
            with pytest.raises(InterruptedError):
                cond.wait()
            assert cond.lock.locked()
            cond.signal()  # the other's: main waits no more
        other.wait()

    gofer.run(main)


def test_a_wait_that_is_interrupted_while_it_locks_again_holds_the_lock_and_passes_its_signal_on() -> None:
    def main() -> None:
        cond = Cond(Mutex())
        g = scheduler.current()
        other = WaitGroup()

        def wait() -> None:
            with cond.lock:
                cond.wait()

        def stop() -> None:
            wait_until("sync.Cond.Wait", 2)
            with cond.lock:
                cond.signal()  # main's
                wait_until("sync.Mutex.Lock", 1)
                interrupts.interrupt(g, InterruptedError("stop"))

        with cond.lock:
            other.go(wait)
            go(stop)
            with pytest.raises(InterruptedError):
                cond.wait()
            assert cond.lock.locked()
        other.wait()

    gofer.run(main)


@pytest.mark.parametrize("kind", ["cond", "waitgroup", "readers"])
def test_those_who_are_let_go_together_run_in_the_order_in_which_they_came(kind: str) -> None:
    """On each thread: there may be a second one, where the system has kept the first from running for a while."""

    def main() -> list[tuple[int, int]]:
        cond, wg, rw = Cond(Mutex()), WaitGroup(), RWMutex()
        order: list[tuple[int, int]] = []
        wait, reason, let_go = {
            "cond": (lambda: (cond.lock.lock(), cond.wait(), cond.lock.unlock()), "sync.Cond.Wait", cond.broadcast),
            "waitgroup": (wg.wait, "sync.WaitGroup.Wait", wg.done),
            "readers": (rw.rlock, "sync.RWMutex.RLock", rw.unlock),
        }[kind]
        wg.add()
        rw.lock()

        def body(n: int) -> None:
            wait()
            order.append((threading.get_ident(), n))

        for n in range(5):
            go(body, n)
            wait_until(reason, n + 1)
        let_go()
        while len(order) < 5:
            runtime.gosched()
        return order

    before = runtime.gomaxprocs(1)
    try:
        order = gofer.run(main)
    finally:
        runtime.gomaxprocs(before)
    assert sorted(n for _, n in order) == list(range(5))
    assert sorted(order, key=itemgetter(0)) == sorted(order)


def test_a_condition_between_threads_and_goroutines() -> None:
    def main() -> list[int]:
        cond = Cond(Mutex())
        queue: list[int] = []
        got: list[int] = []
        wg = WaitGroup()
        wg.add(6)

        def take() -> None:
            for _ in range(50):
                with cond.lock:
                    cond.wait_for(lambda: queue)
                    got.append(queue.pop())
            wg.done()

        def give(k: int) -> None:
            for n in range(50):
                with cond.lock:
                    queue.append(50 * k + n)
                    cond.signal()
            wg.done()

        go(take)
        go(take)
        go(give, 0)
        threads = [threading.Thread(target=take), *(threading.Thread(target=give, args=(k,)) for k in (1, 2))]
        for thread in threads:
            thread.start()
        wg.wait()
        for thread in threads:
            thread.join()
        return sorted(got)

    assert gofer.run(main) == list(range(150))


def test_a_pool_hands_nothing_out_twice() -> None:
    pool: Pool[list[int]] = Pool(list)
    first, second = pool.get(), pool.get()
    assert first is not second
    pool.put(first)
    pool.put(second)
    pool.put(None)
    assert {id(pool.get()), id(pool.get())} == {id(first), id(second)}
    assert Pool().get() is None
    with pytest.raises(TypeError, match="^Pool: 5 is not callable$"):
        Pool(5)  # type: ignore[arg-type]


def test_a_pool_drops_what_two_collections_found_unused() -> None:
    pool: Pool[Any] = Pool()
    kept, unused = object(), object()
    pool.put(unused)
    pool.put(kept)
    gc.collect()
    assert pool.get() is kept
    pool.put(kept)
    gc.collect()
    assert pool.get() is kept
    assert pool.get() is None


@pytest.mark.skipif(guard.FREE_THREADED, reason="each collection is a full one")
def test_a_pool_keeps_its_values_when_only_the_young_are_collected() -> None:
    pool: Pool[Any] = Pool()
    value = object()
    pool.put(value)
    for generation in (0, 1, 0, 0) if sys.version_info < (3, 14) else (0, 0, 0):
        gc.collect(generation)
    assert pool.get() is value


@pytest.mark.parametrize("kind", [Chan, Cond, Map, Pool])
def test_what_is_generic_is_so_at_run_time(kind: Any) -> None:
    assert (kind[int].__origin__, kind[int].__args__) == (kind, (int,))


def test_a_pool_of_a_dead_owner_is_forgotten() -> None:
    class Value:
        pass

    value = Value()
    alive = weakref.ref(value)
    pool: Pool[Any] = Pool()
    pool.put(value)
    del pool, value
    gc.collect()
    assert alive() is None
    gc.collect()


@pytest.mark.parametrize("procs", [1, 3])
def test_a_pool_among_goroutines_threads_and_collections(procs: int) -> None:
    def main() -> int:
        pool: Pool[list[int]] = Pool(lambda: [0])
        wg = WaitGroup()
        wg.add(8)
        wrong: list[int] = []

        def work() -> None:
            for n in range(200):
                mine = pool.get()
                assert mine is not None
                mine[0] += 1
                if mine[0] != 1:
                    wrong.append(n)
                if n % 20 == 0:
                    runtime.gosched()
                if n % 50 == 0:
                    gc.collect()
                mine[0] -= 1
                pool.put(mine)
            wg.done()

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(6):
            go(work)
        wg.wait()
        for thread in threads:
            thread.join()
        return len(wrong)

    before = runtime.gomaxprocs(procs)
    try:
        assert gofer.run(main) == 0
    finally:
        runtime.gomaxprocs(before)
