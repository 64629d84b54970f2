"""sync.Map, from outside."""

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import gofer
from gofer import runtime
from gofer.sync import Map, WaitGroup


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
