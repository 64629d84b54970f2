"""gofer.Map against a dict: the same results, in the same order, and the same exceptions; other goroutines look on."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule

from gofer import Map, go
from gofer.sync import Mutex, WaitGroup
from tests.model.stepping import SETTINGS, OneWorker

KEYS = st.sampled_from([0, False, 1, 1.0, True, "a", "b", 2**61, (), ("a",)])
VALUES = st.integers(0, 3)
OPERATIONS: dict[str, Any] = {
    "set": lambda m, key, value: m.__setitem__(key, value),
    "delete": lambda m, key, value: m.__delitem__(key),
    "subscript": lambda m, key, value: m[key],
    "get": lambda m, key, value: m.get(key, value),
    "contains": lambda m, key, value: key in m,
    "setdefault": lambda m, key, value: m.setdefault(key, value),
    "pop": lambda m, key, value: m.pop(key),
    "pop default": lambda m, key, value: m.pop(key, value),
    "popitem": lambda m, key, value: m.popitem(),
    "update": lambda m, key, value: m.update({key: value, "b": value}),
    "or": lambda m, key, value: m.__ior__({key: value}) is m,
    "clear": lambda m, key, value: m.clear() if value == 0 else None,
    "copy": lambda m, key, value: dict(m.copy()),
    "items": lambda m, key, value: list(m.items()),
    "reversed": lambda m, key, value: list(reversed(m)),
    "values": lambda m, key, value: (list(m.values()), value in m.values()),
}


def outcome(m: Any, name: str, key: Any, value: int) -> Any:
    try:
        return OPERATIONS[name](m, key, value)
    except KeyError as error:
        return KeyError, error.args


class MapMachine(OneWorker):
    @initialize()
    def make(self) -> None:
        self.map: Map[Any, int] = Map()
        self.model: dict[Any, int] = {}
        self.lock = Mutex()

    @rule(name=st.sampled_from(sorted(OPERATIONS)), key=KEYS, value=VALUES)
    def operate(self, name: str, key: Any, value: int) -> None:
        assert outcome(self.map, name, key, value) == outcome(self.model, name, key, value)

    @rule(steps=st.lists(st.tuples(st.sampled_from(sorted(OPERATIONS)), KEYS, VALUES), min_size=2, max_size=6))
    def in_goroutines(self, steps: list[tuple[str, Any, int]]) -> None:
        """Ordered by a lock, operations of many goroutines raise no alarm, whenever the map lets others run."""
        group = WaitGroup()
        results: list[Any] = []

        def body(name: str, key: Any, value: int) -> None:
            with self.lock:
                got = outcome(self.map, name, key, value)
                results.append((got, outcome(self.model, name, key, value)))

        group.add(1)
        for step in steps:
            group.go(body, *step)
        go(group.done)
        group.wait()
        assert len(results) == len(steps)
        assert [got for got, _ in results] == [expected for _, expected in results]

    @invariant()
    def agrees(self) -> None:
        assert self.map == self.model
        assert list(self.map) == list(self.model)
        assert len(self.map) == len(self.model)


TestMap = MapMachine.TestCase
TestMap.settings = SETTINGS
