"""WaitGroup and Mutex, from outside."""

import copy
import pickle
import threading

import pytest

import gofer
from gofer import FatalError, WaitGroupError, go
from gofer.sync import Mutex, WaitGroup


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


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("kind", [WaitGroup, Mutex])
def test_nothing_is_copied(duplicate, kind) -> None:
    with pytest.raises(TypeError, match="must not be copied"):
        duplicate(kind())


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
