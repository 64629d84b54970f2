"""gofer.Map: a dict in looks, for one goroutine at a time."""

import contextlib
import copy
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

import gofer
from gofer import Chan, FatalError, Map, go, runtime
from gofer.sync import Mutex, WaitGroup


class Gate:
    """A key whose comparison waits: the operation on it is under way until the gate is open."""

    def __init__(self) -> None:
        self.reached: Chan[None] = Chan(10)
        self.open: Chan[None] = Chan()

    def __hash__(self) -> int:
        return hash("gate")

    def __eq__(self, other: object) -> bool:
        self.reached.send(None)
        self.open.recv()
        return False


def test_it_is_a_dict() -> None:
    m: Map[str, int] = Map({"a": 1}, b=2)
    assert isinstance(m, dict)
    assert m == {"a": 1, "b": 2}
    assert repr(m) == "{'a': 1, 'b': 2}"
    assert (m["a"], m.get("b"), m.get("c"), m.get("c", 7), "a" in m, 5 in m, len(m)) == (1, 2, None, 7, True, False, 2)
    m["c"] = 3
    m["c"] += 1
    del m["a"]
    assert (m.setdefault("d", 5), m.setdefault("d", 6), m.pop("d"), m.pop("d", None)) == (5, 5, 5, None)
    m.update({"e": 6}, f=7)
    m |= {"g": 8}
    assert m.popitem() == ("g", 8)
    assert (list(m), list(m.keys()), list(m.values())) == (["b", "c", "e", "f"], ["b", "c", "e", "f"], [2, 4, 6, 7])
    assert list(m.items()) == [("b", 2), ("c", 4), ("e", 6), ("f", 7)]
    assert list(reversed(m)) == ["f", "e", "c", "b"]
    assert {**m, "h": 1} == {"b": 2, "c": 4, "e": 6, "f": 7, "h": 1}
    for operation in (m.__getitem__, m.__delitem__, m.pop):
        with pytest.raises(KeyError, match="zz"):
            operation("zz")
    with pytest.raises(TypeError, match="unhashable"):
        m[[]]  # type: ignore[index]
    for twin in (m.copy(), copy.copy(m), copy.deepcopy(m), pickle.loads(pickle.dumps(m)), Map(m)):
        assert type(twin) is Map
        assert twin == m
        assert twin is not m
    m.clear()
    assert not m
    assert Map.fromkeys("ab", 1) == {"a": 1, "b": 1}


def test_one_goroutine_changes_what_it_iterates() -> None:
    m: Map[int, int] = Map({1: 1, 2: 2})
    with pytest.raises(RuntimeError, match="changed size during iteration"):
        for key in m:
            m[key + 10] = 1
    for key in m:
        m[key] = 5
    assert set(m.values()) == {5}


WRITES: list[Callable[[Map[Any, int]], object]] = [
    lambda m: m.__setitem__("x", 1),
    lambda m: m.__delitem__("x"),
    lambda m: m.update(x=1),
    lambda m: m.pop("x", None),
    lambda m: m.setdefault("x", 1),
    lambda m: m.clear(),
    lambda m: m.popitem(),
]
READS: list[Callable[[Map[Any, int]], object]] = [lambda m: m["x"], lambda m: m.get("x"), lambda m: "x" in m]
ITERATIONS: list[Callable[[Map[Any, int]], object]] = [list, lambda m: list(m.items()), lambda m: list(m.values())]


@pytest.mark.parametrize(
    ("begin", "operation", "text"),
    [
        *(("write", write, "concurrent map writes") for write in WRITES),
        *(("write", read, "concurrent map read and map write") for read in READS),
        *(("write", walk, "concurrent map iteration and map write") for walk in ITERATIONS),
        *(("read", write, "concurrent map read and map write") for write in WRITES),
    ],
)
def test_an_operation_while_another_is_under_way(begin: str, operation: Callable[[Any], object], text: str) -> None:
    def main() -> None:
        m: Map[Any, int] = Map({"gate": 0, "x": 0})
        gate = Gate()
        done: Chan[None] = Chan()

        def other() -> None:
            if begin == "write":
                m[gate] = 1
            else:
                m.get(gate)
            done.send(None)

        go(other)
        gate.reached.recv()
        with pytest.raises(FatalError, match=f"^{text}$"):
            operation(m)
        gate.open.close()
        done.recv()
        assert m["x"] == 0
        m["x"] = 1
        assert len(m) == (3 if begin == "write" else 2)

    gofer.run(main)


class Unequal:
    """A key that runs Python's code when it is looked up: it is not `"gate"`, and raises where it is told to."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def __hash__(self) -> int:
        return hash("gate")

    def __eq__(self, other: object) -> bool:
        if self.error is not None:
            raise self.error
        return False


LOOKUPS: list[Callable[[Any, object], object]] = [lambda m, k: m[k], lambda m, k: m.get(k), lambda m, k: k in m]


@pytest.mark.parametrize("lookup", LOOKUPS)
@pytest.mark.parametrize("error", [None, RuntimeError("compared")])
def test_a_lookup_that_is_over_is_no_longer_under_way(
    lookup: Callable[[Any, object], object], error: Exception | None
) -> None:
    """The goroutine that made it is still alive when another one writes."""

    def main() -> dict[Any, int]:
        m: Map[Any, int] = Map({"gate": 0})
        looked: Chan[None] = Chan()
        stay: Chan[None] = Chan()

        def look() -> None:
            with contextlib.suppress(KeyError, RuntimeError):
                lookup(m, Unequal(error))
            looked.send(None)
            stay.recv()

        go(look)
        looked.recv()
        m["x"] = 1
        stay.send(None)
        return m

    assert gofer.run(main) == {"gate": 0, "x": 1}


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_second_lookup_that_is_over_leaves_the_first_under_way(lookup: Callable[[Any, object], object]) -> None:
    def main() -> None:
        m: Map[Any, int] = Map({"gate": 0})
        gate = Gate()
        wg = WaitGroup()
        wg.go(lambda: m.get(gate))
        gate.reached.recv()
        with contextlib.suppress(KeyError):
            lookup(m, Unequal())
        with pytest.raises(FatalError, match="^concurrent map read and map write$"):
            m["x"] = 1
        gate.open.close()
        wg.wait()
        m["x"] = 1

    gofer.run(main)


@pytest.mark.parametrize("lookup", LOOKUPS)
def test_a_lookup_may_write(lookup: Callable[[Any, object], object]) -> None:
    """What a key's comparison stores is the same goroutine's."""

    class Storing:
        def __hash__(self) -> int:
            return hash("gate")

        def __eq__(self, other: object) -> bool:
            m["seen"] = 1
            return other == "gate"

    m: Map[Any, int] = Map({"gate": 0, "seen": 0})
    gofer.run(lookup, m, Storing())
    assert m == {"gate": 0, "seen": 1}


def test_a_lookup_that_a_run_has_abandoned_is_over() -> None:
    """A later one is marked as any other."""
    m: Map[Any, int] = Map({"gate": 0})
    abandoned = Gate()

    def leave() -> None:
        go(m.get, abandoned)
        abandoned.reached.recv()

    gofer.run(leave)

    def main() -> None:
        gate = Gate()
        m["y"] = 1
        wg = WaitGroup()
        wg.go(lambda: m.get(gate))
        gate.reached.recv()
        with pytest.raises(FatalError, match="^concurrent map read and map write$"):
            m["x"] = 1
        gate.open.close()
        wg.wait()

    gofer.run(main)


def test_views_are_those_of_a_dict() -> None:
    m, d = Map({1: "a", 2: "b"}), {1: "a", 2: "b"}
    for mine, its in ((m.keys(), d.keys()), (m.values(), d.values()), (m.items(), d.items())):
        assert (list(mine), list(reversed(mine)), len(mine)) == (list(its), list(reversed(its)), len(its))
    assert (m == d, d == m, m == Map(d), m != 1) == (True, True, True, True)
    assert (m != d, m == {}, m == []) == (False, False, False)
    assert (m | {3: "c"}, {0: "z"} | m) == ({1: "a", 2: "b", 3: "c"}, {0: "z", **d})
    assert m | Map({2: "x"}) == {1: "a", 2: "x"}
    for operation in (lambda: m | [], lambda: [] | m, lambda: hash(m), lambda: m < m):  # type: ignore[operator]
        with pytest.raises(TypeError):
            operation()
    assert (bool(m), bool(Map())) == (True, False)


def test_reads_overlap_with_reads_and_with_iteration() -> None:
    def main() -> None:
        m: Map[Any, int] = Map({"gate": 0, "x": 0})
        gate = Gate()
        wg = WaitGroup()
        wg.go(lambda: m.get(gate))
        gate.reached.recv()
        assert (m["x"], "x" in m, list(m)) == (0, True, ["gate", "x"])
        gate.open.close()
        wg.wait()

    gofer.run(main)


def test_keys_that_change_during_anothers_iteration() -> None:
    def main() -> None:
        m: Map[int, int] = Map({1: 1, 2: 2})
        for change in (lambda: m.__setitem__(3, 3), lambda: m.__delitem__(3)):
            walk = iter(m)
            next(walk)
            wg = WaitGroup()
            wg.go(change)
            wg.wait()
            with pytest.raises(FatalError, match="^concurrent map iteration and map write$"):
                next(walk)
        walk = iter(m)
        wg.go(m.__setitem__, 1, 5)
        wg.wait()
        assert list(walk) == [1, 2]

    gofer.run(main)


def test_writers_that_are_ordered_are_left_alone() -> None:
    def main() -> int:
        m: Map[int, int] = Map()
        lock = Mutex()
        wg = WaitGroup()
        wg.add(6)

        def count() -> None:
            for n in range(200):
                with lock:
                    m[n] = m.get(n, 0) + 1
                    assert sum(1 for _ in m) <= 200
            wg.done()

        threads = [threading.Thread(target=count) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(4):
            go(count)
        wg.wait()
        for thread in threads:
            thread.join()
        return sum(m.values())

    for procs in (1, 3):
        before = runtime.gomaxprocs(procs)
        try:
            assert gofer.run(main) == 1200
        finally:
            runtime.gomaxprocs(before)


def test_a_write_that_a_run_has_abandoned_is_over() -> None:
    m: Map[Any, int] = Map({"gate": 0})
    gate = Gate()

    def main() -> None:
        go(m.__setitem__, gate, 1)
        gate.reached.recv()

    gofer.run(main)
    m["x"] = 1
    assert m["x"] == 1


def test_a_lock_of_the_thread_around_every_access_is_no_danger() -> None:
    """Nobody else is let run while the writer holds it: they would block the thread, and so the writer, for ever."""

    def main() -> int:
        m: Map[int, int] = Map()
        lock = threading.Lock()
        wg = WaitGroup()

        def fill(start: int) -> None:
            for n in range(start, start + 300):
                with lock:
                    m[n] = n
                if n % 50 == 0:
                    runtime.gosched()

        def fill_by_hand(start: int) -> None:
            for n in range(start, start + 300):
                lock.acquire()
                m[n] = n
                lock.release()

        for k in range(3):
            wg.go(fill, 1000 * k)
            wg.go(fill_by_hand, 1000 * k + 500)
        wg.wait()
        return len(m)

    assert gofer.run(main) == 1800


@pytest.mark.parametrize("procs", [1, 3])
def test_a_reader_beside_a_writer_is_found_out(procs: int) -> None:
    before = runtime.gomaxprocs(procs)

    def main() -> str:
        m: Map[int, int] = Map({0: 0})
        found: Chan[str] = Chan(2)
        stop: list[None] = []

        def write() -> None:
            try:
                while not stop:
                    m[0] = 1
            except FatalError as error:
                found.send(str(error))

        def read() -> None:
            try:
                while not stop:
                    m.get(0)
            except FatalError as error:
                found.send(str(error))

        go(write)
        go(read)
        text = found.recv()
        stop.append(None)
        return text

    try:
        assert gofer.run(main) == "concurrent map read and map write"
    finally:
        runtime.gomaxprocs(before)
