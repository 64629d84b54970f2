"""sync.Map against a dict, with keys of which many collide and some compare equal across types."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gofer.sync import Map

KEYS = st.sampled_from([0, False, 1, 1.0, True, -1, -2, "a", 2**61 - 1, 2**61, (), ("a",)])  # -1 and -2 hash alike
VALUES = st.integers(0, 3)
MISSING = object()


class MapMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.map: Map[Any, int] = Map()
        self.model: dict[Any, int] = {}

    def before(self, key: Any) -> tuple[int | None, bool]:
        return self.model.get(key), key in self.model

    @rule(key=KEYS, value=VALUES)
    def store(self, key: Any, value: int) -> None:
        self.map.store(key, value)
        self.model[key] = value

    @rule(key=KEYS)
    def load(self, key: Any) -> None:
        assert self.map.load(key) == self.before(key)
        assert (key in self.map) == (key in self.model)

    @rule(key=KEYS, value=VALUES)
    def load_or_store(self, key: Any, value: int) -> None:
        loaded = key in self.model
        assert self.map.load_or_store(key, value) == (self.model.setdefault(key, value), loaded)

    @rule(key=KEYS, value=VALUES)
    def swap(self, key: Any, value: int) -> None:
        assert self.map.swap(key, value) == self.before(key)
        self.model[key] = value

    @rule(key=KEYS)
    def load_and_delete(self, key: Any) -> None:
        assert self.map.load_and_delete(key) == self.before(key)
        self.model.pop(key, None)

    @rule(key=KEYS, old=VALUES, new=VALUES)
    def compare_and_swap(self, key: Any, old: int, new: int) -> None:
        expected = self.model.get(key, MISSING) == old
        assert self.map.compare_and_swap(key, old, new) == expected
        if expected:
            self.model[key] = new

    @rule(key=KEYS, old=VALUES)
    def compare_and_delete(self, key: Any, old: int) -> None:
        expected = self.model.get(key, MISSING) == old
        assert self.map.compare_and_delete(key, old) == expected
        if expected:
            del self.model[key]

    @rule()
    def clear(self) -> None:
        self.map.clear()
        self.model.clear()

    @invariant()
    def agrees(self) -> None:
        assert len(self.map) == len(self.model)
        assert dict(self.map.items()) == self.model


TestMap = MapMachine.TestCase
TestMap.settings = settings(
    max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
