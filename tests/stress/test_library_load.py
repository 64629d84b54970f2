"""The library's primitives under load, on one worker and on several, with foreign threads among the goroutines."""

from __future__ import annotations

import gc
import random
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import gofer
from gofer import Chan, atomic, context, go, runtime, semaphore
from gofer.sync import Cond, Map, Mutex, Once, Pool, RWMutex, WaitGroup, once_value

GOROUTINES = 8
THREADS = 2
EACH = 120


@pytest.fixture(params=[1, 2, 5], autouse=True)
def procs(request):
    before = runtime.gomaxprocs(request.param)
    yield request.param
    runtime.gomaxprocs(before)


def crowd(body: Callable[[int], None]) -> None:
    """Runs `body(k)` in goroutines and in threads, and waits for all; raises what the first of them raised."""
    wg = WaitGroup()
    errors: Chan[BaseException] = Chan(GOROUTINES + THREADS)

    def one(k: int) -> None:
        try:
            body(k)
        except BaseException as error:
            errors.send(error)
        finally:
            wg.done()

    wg.add(GOROUTINES + THREADS)
    for k in range(GOROUTINES):
        go(one, k)
    for k in range(GOROUTINES, GOROUTINES + THREADS):
        threading.Thread(target=one, args=(k,)).start()
    wg.wait()
    errors.close()
    for error in errors:
        raise error


def now_and_then(n: int) -> None:
    if n % 7 == 0:
        runtime.gosched()


def test_an_rwmutex_keeps_writers_alone() -> None:
    rw = RWMutex()
    reading = atomic.Int64()
    values = [0, 0]

    def body(k: int) -> None:
        rng = random.Random(k)
        for n in range(EACH):
            if rng.random() < 0.3:
                with rw:
                    assert reading.load() == 0
                    values[0] += 1
                    now_and_then(n)
                    values[1] += 1
            else:
                with rw.reader:
                    reading.add(1)
                    seen = values[0]
                    now_and_then(n)
                    assert values == [seen, seen]
                    reading.add(-1)
            if rng.random() < 0.1 and rw.try_lock():
                assert reading.load() == 0
                rw.unlock()

    gofer.run(crowd, body)
    assert repr(rw) == "<RWMutex unlocked>"


def test_a_queue_on_a_cond_loses_and_doubles_nothing() -> None:
    cond = Cond(Mutex())
    items: list[int] = []
    taken: list[int] = []

    def body(k: int) -> None:
        for n in range(EACH):
            if k % 2:
                with cond.lock:
                    cond.wait_for(lambda: items)
                    taken.append(items.pop())
            else:
                with cond.lock:
                    items.append(k * EACH + n)
                if n % 3:
                    cond.signal()
                else:
                    cond.broadcast()
            now_and_then(n)

    gofer.run(crowd, body)
    assert not items
    assert sorted(taken) == [k * EACH + n for k in range(0, GOROUTINES + THREADS, 2) for n in range(EACH)]


def test_a_pool_never_has_one_value_at_two_places() -> None:
    pool: Pool[list[int]] = Pool(list)
    made: list[list[int]] = []

    def body(k: int) -> None:
        for n in range(EACH):
            mine = pool.get()
            assert mine is not None
            assert not mine
            mine.append(k)
            now_and_then(n)
            assert mine == [k]
            mine.clear()
            made.append(mine)
            pool.put(mine)
            if n == EACH // 2 and k == 0:
                gc.collect()

    gofer.run(crowd, body)


def test_what_is_swapped_into_a_sync_map_comes_out_once() -> None:
    m: Map[Any, tuple[int, int]] = Map()
    keys = ["a", 1, (2,), -1, -2]
    out: list[Any] = []

    def body(k: int) -> None:
        rng = random.Random(k)
        for n in range(EACH):
            key = rng.choice(keys)
            if rng.random() < 0.7:
                value, loaded = m.swap(key, (k, n))
            else:
                value, loaded = m.load_and_delete(key)
                out.append(None)
            if loaded:
                out.append(value)
            now_and_then(n)

    gofer.run(crowd, body)
    values = [value for value in out if value is not None] + list(m.values())
    assert len(values) == len(set(values))
    assert len(values) + out.count(None) == (GOROUTINES + THREADS) * EACH


def test_one_of_many_stores_first_and_every_compare_and_swap_counts() -> None:
    m: Map[str, int] = Map()
    won: list[int] = []
    firsts: list[tuple[int, bool]] = []

    def body(k: int) -> None:
        firsts.append(m.load_or_store("first", k))
        for n in range(EACH):
            while True:
                old, _ = m.load_or_store("count", 0)
                if m.compare_and_swap("count", old, old + 1):
                    break
                now_and_then(n)
            if m.compare_and_delete("token", n) or n == 0:
                won.append(k)

    gofer.run(crowd, body)
    assert [loaded for _, loaded in firsts].count(False) == 1
    assert len({value for value, _ in firsts}) == 1
    assert m["count"] == (GOROUTINES + THREADS) * EACH
    assert len(won) == GOROUTINES + THREADS


def test_keys_of_a_sync_map_whose_comparison_lets_others_run() -> None:
    class Key:
        def __init__(self, name: int) -> None:
            self.name = name

        def __hash__(self) -> int:
            return 7

        def __eq__(self, other: object) -> bool:
            runtime.gosched()
            return isinstance(other, Key) and other.name == self.name

    m: Map[Key, int] = Map()

    def body(k: int) -> None:
        for n in range(10):
            while True:
                value, _ = m.load_or_store(Key(n), 0)
                if m.compare_and_swap(Key(n), value, value + 1):
                    break

    gofer.run(crowd, body)
    assert len(m) == 10
    assert set(m.values()) == {GOROUTINES + THREADS}


def test_once_is_once() -> None:
    once = Once()
    ran: list[int] = []
    calls: list[int] = []
    made = once_value(lambda: calls.append(1) or object())

    def body(k: int) -> None:
        once.do(lambda: (runtime.gosched(), ran.append(k)))
        assert len(ran) == 1
        assert made() is made()

    gofer.run(crowd, body)
    assert (len(ran), len(calls)) == (1, 1)


def test_atomics_count_and_semaphores_limit() -> None:
    number = atomic.Int64()
    inside = atomic.Int64()
    weights = semaphore.Weighted(7)

    def body(k: int) -> None:
        rng = random.Random(k)
        for n in range(EACH):
            number.add(1)
            units = rng.randrange(1, 8)
            weights.acquire(context.background(), units)
            assert inside.add(units) <= 7
            now_and_then(n)
            inside.add(-units)
            weights.release(units)

    gofer.run(crowd, body)
    assert number.load() == (GOROUTINES + THREADS) * EACH
    assert repr(weights) == "<Weighted 0/7>"


def test_a_tree_of_contexts_that_all_grow_and_cut() -> None:
    ran: Counter[bool] = Counter()
    lock = Mutex()

    def count(called: bool) -> None:
        with lock:
            ran[called] += 1

    def main() -> None:
        wg = WaitGroup()
        with context.with_cancel(context.background()) as root:

            def body(k: int) -> None:
                rng = random.Random(k)
                for n in range(EACH):
                    with context.with_cancel(root) as branch:
                        leaf = context.with_value(context.with_cancel(branch), "k", k)
                        wg.add(1)
                        stop = context.after_func(leaf, lambda: (count(True), wg.done()))
                        assert leaf.value("k") == k
                        if rng.random() < 0.5 and stop():
                            count(False)
                            wg.done()
                        now_and_then(n)
                    assert leaf.err() is not None
                    leaf.done().recv()

            crowd(body)
            assert root.err() is None
        wg.wait()

    gofer.run(main)
    assert sum(ran.values()) == (GOROUTINES + THREADS) * EACH
