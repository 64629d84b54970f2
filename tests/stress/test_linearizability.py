"""Histories of channels and of `sync.Map` under many goroutines and threads are explained by some order."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Any

import pytest

import gofer
from gofer import DEFAULT, Chan, ClosedChannelError, go, recv, runtime, select, send
from gofer.sync import Map, WaitGroup
from tests.stress.effort import seeds
from tests.stress.histories import Operation, Recorder, explained

PARTIES = 4


@pytest.fixture(params=[1, 2, 8])
def procs(request: pytest.FixtureRequest) -> Iterator[int]:
    before = runtime.gomaxprocs(request.param)
    yield request.param
    runtime.gomaxprocs(before)


def everywhere(parties: list[Callable[[], None]]) -> WaitGroup:
    """Starts them, the last one as a foreign thread."""
    group = WaitGroup()
    group.add(len(parties))

    def run(party: Callable[[], None]) -> None:
        party()
        group.done()

    threading.Thread(target=run, args=(parties[-1],)).start()
    for party in parties[:-1]:
        go(run, party)
    return group


def try_send(ch: Chan[int], value: int) -> bool:
    return select(send(ch, value), default=True).index != DEFAULT


def try_recv(ch: Chan[int]) -> tuple[Any, Any]:
    chosen = select(recv(ch), default=True)
    return ("nothing", None) if chosen.index == DEFAULT else (chosen.value, chosen.ok)


def channel_history(seed: int) -> tuple[int, list[Operation]]:
    rng = random.Random(seed)
    capacity = rng.randint(1, 3)
    ch: Chan[int] = Chan(capacity)
    recorder = Recorder()
    numbers = iter(range(1000))
    plans = [[(rng.choice("ssrrSRC" if k else "ssrrSR"), next(numbers)) for _ in range(4)] for k in range(PARTIES)]

    def party(plan: list[tuple[str, int]]) -> None:
        for what, value in plan:
            if what == "s":
                recorder.call("send", ch.send, value, raises=ClosedChannelError)
            elif what == "r":
                recorder.call("recv", ch.recv_ok)
            elif what == "S":
                recorder.call("try_send", lambda v: try_send(ch, v), value, raises=ClosedChannelError)
            elif what == "R":
                recorder.call("try_recv", lambda: try_recv(ch))
            else:
                recorder.call("close", ch.close, raises=ClosedChannelError)

    def main() -> None:
        group = everywhere([lambda plan=plan: party(plan) for plan in plans])  # type: ignore[misc]
        for _ in range(rng.randrange(30)):
            runtime.gosched()
        recorder.call("close", ch.close, raises=ClosedChannelError)
        group.wait()

    gofer.run(main)
    return capacity, recorder.history()


def channel_step(capacity: int) -> Callable[[Any, Operation], Iterable[Hashable]]:
    """A channel one operation after the other: (values, closed)."""

    def step(state: tuple[tuple[int, ...], bool], op: Operation) -> Iterable[Hashable]:
        values, closed = state
        if op.name == "close":
            return [(values, True)] if closed == (op.result == "raised") else []
        if op.name in ("send", "try_send"):
            if closed:
                return [state] if op.result == "raised" else []
            if op.result is False:
                return [state] if len(values) == capacity else []
            return [((*values, op.args[0]), closed)] if op.result != "raised" and len(values) < capacity else []
        if values:
            return [(values[1:], closed)] if op.result == (values[0], True) else []
        return [state] if op.result == ((None, False) if closed else ("nothing", None)) else []

    return step


@pytest.mark.usefixtures("procs")
def test_channels() -> None:
    for seed in seeds(40):
        capacity, history = channel_history(seed)
        assert explained(history, ((), False), channel_step(capacity)), (f"GOFER_STRESS_SEED={seed}", history)


def map_history(seed: int) -> list[Operation]:
    rng = random.Random(seed)
    table: Map[str, int] = Map()
    recorder = Recorder()
    names = ["load", "store", "load_or_store", "load_and_delete", "swap", "compare_and_swap", "compare_and_delete"]
    plans = [
        [(rng.choice([*names, "clear", "len"]), rng.choice("ab"), rng.randrange(3), rng.randrange(3)) for _ in range(5)]
        for _ in range(PARTIES)
    ]

    def party(plan: list[tuple[str, str, int, int]]) -> None:
        for name, key, old, new in plan:
            if name in ("clear", "len"):
                recorder.call(name, {"clear": table.clear, "len": table.__len__}[name])
                continue
            values = {"compare_and_swap": (old, new), "load": (), "load_and_delete": ()}.get(name, (new,))
            recorder.call(name, getattr(table, name), key, *values)

    gofer.run(lambda: everywhere([lambda plan=plan: party(plan) for plan in plans]).wait())  # type: ignore[misc]
    return recorder.history()


def map_step(state: Any, op: Operation) -> Iterable[Hashable]:
    """A map of "a" and "b" one operation after the other: the values of both, None where there is none."""
    if op.name == "clear":
        return [(None, None)]
    if op.name == "len":
        return [state] if op.result == 2 - state.count(None) else []
    position = "ab".index(op.args[0])
    return [(after, state[1]) if position == 0 else (state[0], after) for after in key_step(state[position], op)]


def key_step(value: Any, op: Operation) -> Iterable[Any]:
    """One key of a map: its value, or None where there is none."""
    old = (value, value is not None)
    args = op.args[1:]
    outcomes: dict[str, tuple[Any, Any]] = {
        "load": (old, value),
        "store": (None, args[-1] if args else None),
        "load_or_store": ((value, True), value) if old[1] else ((args[-1] if args else None, False), args and args[-1]),
        "load_and_delete": (old, None),
        "swap": (old, args[-1] if args else None),
        "compare_and_swap": (old[1] and value == (args or [0])[0], args[-1] if args and value == args[0] else value),
        "compare_and_delete": (old[1] and value == (args or [0])[0], None if args and value == args[0] else value),
    }
    result, after = outcomes[op.name]
    return [after] if op.result == result else []


@pytest.mark.usefixtures("procs")
def test_maps() -> None:
    for seed in seeds(40):
        history = map_history(seed)
        assert explained(history, (None, None), map_step), (f"GOFER_STRESS_SEED={seed}", history)


def test_the_search_finds_what_no_order_explains() -> None:
    def op(name: str, args: tuple[Any, ...], result: Any, called: int, returned: int) -> Operation:
        return Operation(name, args, result, called, returned)

    step = channel_step(2)
    overlapping = [op("send", (1,), None, 0, 3), op("recv", (), (2, True), 1, 5), op("send", (2,), None, 2, 4)]
    assert explained(overlapping, ((), False), step)
    reordered = [op("send", (1,), None, 0, 1), op("send", (2,), None, 2, 3), op("recv", (), (2, True), 4, 5)]
    assert not explained(reordered, ((), False), step)
    twice = [op("send", (1,), None, 0, 1), op("recv", (), (1, True), 2, 5), op("recv", (), (1, True), 3, 4)]
    assert not explained(twice, ((), False), step)
    stored, lost = op("store", ("a", 1), None, 0, 1), op("load", ("a",), (None, False), 4, 5)
    assert not explained([stored, lost], (None, None), map_step)
    assert explained([stored, op("clear", (), None, 2, 3), lost], (None, None), map_step)
    assert not explained([stored, op("clear", (), None, 2, 3), op("len", (), 1, 4, 5)], (None, None), map_step)
