"""Goroutines and the garbage collector, from outside."""

import contextvars
import gc
import weakref
from collections.abc import Callable
from typing import Any

import gofer
from gofer import Chan, go, runtime, sync


class Node:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.me = self
        self.seen: Any = None
        self.method: Callable[..., None] = self.see

    def see(self, *args: object) -> None:
        self.seen = args


def freed(make: Callable[[], Node]) -> bool:
    """Whether the collector frees what `make` makes; another worker may still be leaving the goroutine that had it."""

    def main() -> weakref.ref[Node]:
        return weakref.ref(make())

    found = gofer.run(main)
    return any(found() is None or (gc.collect() >= 0 and found() is None) for _ in range(200))


def run_to_end(fn: Callable[..., object], *args: object) -> None:
    """`fn(*args)` in a goroutine, with collections before it starts and after."""
    go(fn, *args)
    gc.collect()
    while runtime.num_goroutine() > 1:
        runtime.gosched()


def test_a_cycle_through_arguments_is_collected() -> None:
    def make() -> Node:
        node = Node()
        run_to_end(node.see, node)
        assert node.seen == (node,)
        return node

    assert freed(make)


def test_a_cycle_through_a_builtin_that_keeps_its_arguments_is_collected() -> None:
    def make() -> Node:
        node = Node()
        made: list[Exception] = []

        def build(*args: object) -> None:
            made.append(Exception(*args))

        run_to_end(build, node)
        node.seen = made
        return node

    assert freed(make)


def test_a_cycle_through_a_method_is_collected() -> None:
    def make() -> Node:
        node = Node()
        run_to_end(node.method, node.method)
        return node

    assert freed(make)


def test_a_cycle_through_a_context_is_collected() -> None:
    variable: contextvars.ContextVar[Node | None] = contextvars.ContextVar("variable", default=None)

    def make() -> Node:
        node = Node()
        variable.set(node)

        def keep() -> None:
            node.seen = contextvars.copy_context()

        run_to_end(keep)
        variable.set(None)
        seen: contextvars.Context = node.seen
        assert seen[variable] is node
        return node

    assert freed(make)


def test_what_waiting_goroutines_hold_is_kept() -> None:
    def main() -> list[int]:
        results: Chan[int] = Chan(100)
        gate: Chan[None] = Chan()

        def wait(box: list[int], method: Callable[[int], None]) -> None:
            gate.recv()
            method(box[0])

        group = sync.WaitGroup()
        for n in range(100):
            group.go(wait, [n], results.send)
            if n % 10 == 0:
                gc.collect()
        runtime.gosched()
        gc.collect()
        gate.close()
        group.wait()
        return sorted(results.recv() for _ in range(100))

    assert gofer.run(main) == list(range(100))
