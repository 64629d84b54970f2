"""sync.Map, from outside."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import gofer
from gofer import runtime
from gofer._core.machine import borrow
from gofer.sync import Map, WaitGroup
from tests import programs


class Key:
    """Every key collides, and comparing lets others run."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        runtime.gosched()
        return isinstance(other, Key) and other.n == self.n


@pytest.fixture(params=[1, 3])
def procs(request: pytest.FixtureRequest) -> Iterator[None]:
    before = runtime.gomaxprocs(request.param)
    yield
    runtime.gomaxprocs(before)


def test_operations_of_go() -> None:
    m: Map[str, Any] = Map()
    assert m.load("a") == (None, False)
    m.store("a", 1)
    assert m.load("a") == (1, True)
    assert m.load_or_store("a", 2) == (1, True)
    assert m.load_or_store("b", 2) == (2, False)
    assert m.swap("b", 3) == (2, True)
    assert m.swap("c", 4) == (None, False)
    assert not m.compare_and_swap("c", 5, 6)
    assert not m.compare_and_swap("x", None, 6)
    assert m.compare_and_swap("c", 4, 6)
    assert not m.compare_and_delete("c", 4)
    assert m.compare_and_delete("c", 6)
    assert not m.compare_and_delete("c", None)
    assert m.load_and_delete("a") == (1, True)
    assert m.load_and_delete("a") == (None, False)
    m.delete("nothing")
    assert list(m.items()) == [("b", 3)]
    m.clear()
    assert (len(m), list(m)) == (0, [])


def test_it_reads_as_a_mapping() -> None:
    m: Map[str, int] = Map()
    m["a"] = 1
    m["b"] = 2
    assert isinstance(m, Mapping)
    assert (m["a"], m.get("b"), m.get("c"), m.get("c", 7)) == (1, 2, None, 7)
    assert "a" in m
    assert "c" not in m
    assert (list(m), list(m.keys()), list(m.values()), dict(m)) == (["a", "b"], ["a", "b"], [1, 2], {"a": 1, "b": 2})
    assert ("a", 1) in m.items()
    assert 2 in m.values()
    assert m.keys() & {"a", "z"} == {"a"}
    del m["a"]
    for operation in (m.__delitem__, m.__getitem__):
        with pytest.raises(KeyError, match="a"):
            operation("a")
    with pytest.raises(TypeError, match="unhashable"):
        m[[]] = 1  # type: ignore[index]


def test_range_stops_and_may_change_the_map() -> None:
    m: Map[int, int] = Map()
    for n in range(5):
        m[n] = n
    seen: list[int] = []

    def visit(key: int, value: int) -> bool | None:
        seen.append(key)
        m.delete(key)
        m.store(key + 100, value)
        return False if key == 3 else None

    m.range(visit)
    assert seen == [0, 1, 2, 3]
    assert sorted(m) == [4, 100, 101, 102, 103]


def test_keys_that_collide() -> None:
    m: Map[Key, int] = Map()
    for n in range(6):
        m[Key(n)] = n
    for n in (0, 5, 3):
        assert m.load_and_delete(Key(n)) == (n, True)
        assert m.load(Key(n)) == (None, False)
    m[Key(2)] = 20
    assert sorted(m.values()) == [1, 4, 20]
    assert len(m) == 3


SAME_HASH = """
import sys, threading
from gofer.sync import Map

def use(count):
    keys = [n * sys.hash_info.modulus for n in range(count)]
    m = Map()
    for key in keys:
        m.store(key, key)
    m.delete(keys[0])
    assert m.load(keys[1]) == (keys[1], True) and m.load(keys[0]) == (None, False)
    assert m.load_and_delete(keys[-1]) == (keys[-1], True)
    assert m.compare_and_delete(keys[2], keys[2]) and m.compare_and_swap(keys[3], keys[3], 3)
    assert m.swap(keys[4], 4) == (keys[4], True) and m.load_or_store(keys[0], 0) == (0, False)
    assert sorted(m) == sorted([keys[1], *keys[3:-1], keys[0]])
    seen = []
    m.range(lambda key, value: seen.append(value))
    assert sorted(seen)[:3] == [0, 3, 4] and len(seen) == len(m) == count - 2
    held = m.items()
    m.clear()
    assert not len(held)
    for key in keys:
        m[key] = key
    del m, held  # all at once
    print(count)

threading.stack_size(128 << 10)
for count in COUNTS:
    thread = threading.Thread(target=use, args=(count,))
    thread.start()
    thread.join()
"""


def test_many_keys_of_one_hash_need_no_stack() -> None:
    many = 20_000 if borrow.COMPILED else 2_000
    done = programs.run_text(SAME_HASH.replace("COUNTS", f"(6, {many})"), "plain")
    assert (done.status, done.out) == (0, f"6\n{many}\n"), done.err


class Fussy:
    """A key of the one hash that calls `then` when it is compared."""

    then: Any = None

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        if self.then:
            self.then()
        return self is other


OPERATIONS = {
    "load": lambda m, key: m.load(key),
    "store": lambda m, key: m.store(key, 9),
    "load_or_store": lambda m, key: m.load_or_store(key, 9),
    "swap": lambda m, key: m.swap(key, 9),
    "load_and_delete": lambda m, key: m.load_and_delete(key),
    "delete": lambda m, key: m.delete(key),
    "compare_and_swap": lambda m, key: m.compare_and_swap(key, 1, 9),
    "compare_and_delete": lambda m, key: m.compare_and_delete(key, 1),
    "in": lambda m, key: key in m,
    "get": lambda m, key: m.get(key),
}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_key_that_cannot_be_compared_changes_nothing(operation: Any) -> None:
    m: Map[Fussy, int] = Map()
    keys = [Fussy() for _ in range(4)]
    for n, key in enumerate(keys):
        m.store(key, n)

    def fail() -> None:
        raise ZeroDivisionError

    keys[1].then = fail
    with pytest.raises(ZeroDivisionError):
        operation(m, keys[3])
    keys[1].then = None
    assert list(m.items()) == list(zip(keys, range(4), strict=True))


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_key_that_changes_the_map_as_it_is_compared(name: str) -> None:
    m: Map[Fussy, int] = Map()
    keys = [Fussy() for _ in range(4)]
    for key in keys:
        m.store(key, 1)
    left = [True]

    def change() -> None:
        if left:
            left.clear()
            m.delete(keys[0])
            m.store(Fussy(), 5)
            m.store(keys[2], 6)

    keys[1].then = change
    OPERATIONS[name](m, keys[3])
    assert not left
    assert m.load(keys[0]) == (None, False)
    assert (m.load(keys[1]), m.load(keys[2])) == ((1, True), (6, True))
    assert len(m) == len(list(m)) == 4 - ("delete" in name)
    assert sum(value == 5 for value in m.values()) == 1


def test_values_that_use_the_map_as_they_die() -> None:
    m: Map[str, Any] = Map()
    seen: list[int] = []

    class Dying:
        def __del__(self) -> None:
            m["dead"] = len(m)
            seen.append(len(m))

    m["a"] = Dying()
    m["a"] = Dying()
    m.delete("a")
    m["b"] = Dying()
    m.clear()
    assert seen == [2, 1, 1]
    assert list(m) == ["dead"]


@pytest.mark.usefixtures("procs")
@pytest.mark.parametrize("make", [int, Key], ids=["int", "colliding"])
def test_nothing_is_lost_among_goroutines_and_threads(make: type) -> None:
    def main() -> tuple[int, list[int]]:
        m: Map[Any, int] = Map()
        wg = WaitGroup()
        wg.add(6)
        won: Map[int, int] = Map()

        def work(k: int) -> None:
            for n in range(30):
                key = make(n % 3)
                m.load_or_store(key, 0)
                while True:
                    value, _ = m.load(key)
                    assert value is not None
                    if m.compare_and_swap(key, value, value + 1):
                        break
                won.load_or_store(n, k)
            wg.done()

        threads = [threading.Thread(target=work, args=(k,)) for k in range(2)]
        for thread in threads:
            thread.start()
        for k in range(2, 6):
            gofer.go(work, k)
        wg.wait()
        for thread in threads:
            thread.join()
        return len(won), list(m.values())

    assert gofer.run(main) == (30, [60, 60, 60])


@pytest.mark.usefixtures("procs")
def test_each_value_is_taken_out_once() -> None:
    def main() -> list[int]:
        m: Map[int, int] = Map()
        wg = WaitGroup()
        taken: list[int] = []

        def work() -> None:
            for n in range(200):
                value, loaded = m.load_and_delete(n)
                if loaded:
                    assert value is not None
                    taken.append(value)
                runtime.gosched()

        for n in range(200):
            m[n] = n
        for _ in range(5):
            wg.go(work)
        wg.wait()
        return sorted(taken)

    assert gofer.run(main) == list(range(200))
