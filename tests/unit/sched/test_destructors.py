"""Values with destructors that use gofer themselves: no guard is held while one runs, and nothing is kept too long."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import gofer
from gofer import Chan, ClosedChannelError, atomic, context, go, recv, runtime, select, send
from gofer.sync import Map, Pool, WaitGroup
from tests.waiting import wait_until


class Value:
    """Calls something when it dies."""

    def __init__(self, at_death: Callable[[], object] = int) -> None:
        self.at_death = at_death

    def __del__(self) -> None:
        self.at_death()


@pytest.fixture
def eager_collector() -> Iterator[None]:
    """Collections as often as can be, between any two steps of Python."""
    before = gc.get_threshold()
    gc.set_threshold(1, 2, 2)
    yield
    gc.set_threshold(*before)


@pytest.fixture
def one_worker() -> Iterator[None]:
    """Without a GIL, an object that another thread has made dies only when that one comes to it."""
    before = runtime.gomaxprocs(1)
    yield
    runtime.gomaxprocs(before)


RECEIVES: dict[str, Callable[[Chan[Any]], Any]] = {
    "recv": lambda ch: ch.recv(),
    "recv_ok": lambda ch: ch.recv_ok()[0],
    "next": next,
    "select": lambda ch: select(recv(ch)).value,
    "select of two": lambda ch: select(recv(Chan()), recv(ch)).value,
}
SENDS: dict[str, Callable[[Chan[Any], Any], Any]] = {
    "send": lambda ch, value: ch.send(value),
    "select": lambda ch, value: select(send(ch, value)),
    "select of two": lambda ch, value: select(recv(Chan()), send(ch, value)),
}


@pytest.mark.parametrize("receives", RECEIVES)
@pytest.mark.parametrize("sends", SENDS)
@pytest.mark.parametrize("capacity", [0, 1, 3])
@pytest.mark.parametrize("receiver_first", [False, True])
@pytest.mark.usefixtures("one_worker")
def test_a_value_lives_no_longer_than_its_receiver_wants(
    sends: str, receives: str, capacity: int, receiver_first: bool
) -> None:
    def main() -> None:
        ch, over = Chan[Any](capacity), Chan[None]()
        refs: list[weakref.ref[Value]] = []

        def sender() -> None:
            for _ in range(5):
                values = [Value()]
                refs.append(weakref.ref(values[0]))
                SENDS[sends](ch, values.pop())
            over.recv()  # it waits for something else, and sends nothing any more

        def receiver() -> None:
            for _ in range(5):
                RECEIVES[receives](ch)
            over.recv()

        for start in (receiver, sender) if receiver_first else (sender, receiver):
            go(start)
            runtime.gosched()
        wait_until("chan receive", 2)
        assert [ref() for ref in refs] == [None] * 5
        over.close()

    gofer.run(main)


@pytest.mark.usefixtures("one_worker")
def test_what_was_not_sent_is_let_go() -> None:
    def main() -> None:
        ch, other = Chan[Any](), Chan[int]()
        refs: list[weakref.ref[Value]] = []
        over = Chan[None]()

        def make() -> Value:
            value = Value()
            refs.append(weakref.ref(value))
            return value

        def closed() -> None:
            with pytest.raises(ClosedChannelError):
                ch.send(make())
            over.recv()

        def closed_select() -> None:
            with pytest.raises(ClosedChannelError):
                select(send(ch, make()), send(ch, make()))
            over.recv()

        def other_case() -> None:
            select(send(Chan(), make()), recv(other), send(Chan(), make()))
            over.recv()

        for start in (closed, closed_select, other_case):
            go(start)
        runtime.gosched()
        wait_until("select", 2)
        ch.close()
        other.send(1)
        wait_until("chan receive", 3)
        gc.collect()  # the errors refer to frames
        assert [ref() for ref in refs] == [None] * 5
        over.close()

    gofer.run(main)


@pytest.mark.parametrize("capacity", [0, 1, 2])
@pytest.mark.parametrize("receives", RECEIVES)
@pytest.mark.parametrize("sends", SENDS)
@pytest.mark.usefixtures("eager_collector")
def test_destructors_may_use_the_channel_that_carried_them(sends: str, receives: str, capacity: int) -> None:
    def main() -> tuple[list[int], int]:
        ch, spare = Chan[Any](capacity), Chan[int](1000)
        got: list[int] = []
        dead = atomic.Int64()

        class Numbered:
            def __init__(self, n: int) -> None:
                self.n = n
                self.me = [self] if n % 3 else []  # most are found by the collector only

            def __del__(self) -> None:
                dead.add(1)
                len(ch)
                select(recv(ch), default=True) if dead.load() > 1000 else None
                spare.send(spare.recv() + 1)
                if not ch.closed:
                    select(send(spare, 1), recv(Chan()))
                    spare.recv_ok()

        def sender() -> None:
            for n in range(60):
                SENDS[sends](ch, Numbered(n))
            over.recv()
            ch.close()

        over = Chan[None]()
        for n in range(500):
            spare.send(n)
        go(sender)
        for _ in range(60):
            got.append(RECEIVES[receives](ch).n)
        over.close()
        ch.recv()
        gc.collect()
        while dead.load() < 60:
            runtime.gosched()
        return got, len(spare)

    got, left = gofer.run(main)
    assert got == list(range(60))
    assert left == 500


def test_what_a_destructor_receives_is_not_what_its_goroutine_receives() -> None:
    """A sender that waits again drops what it has sent before: once that used the waiter it was about to wait with."""

    def main() -> list[int]:
        ch, spare = Chan[Any](), Chan[int](100)
        for n in range(100):
            spare.send(n)

        class Numbered(Value):
            def __init__(self, n: int) -> None:
                super().__init__(spare.recv_ok)
                self.n = n

        def sender() -> None:
            for n in range(40):
                ch.send(Numbered(n))
            ch.close()

        go(sender)
        got = []
        for value in ch:
            got.append(value.n)
            del value  # noqa: PLW0120, RUF100
        return got

    assert gofer.run(main) == list(range(40))


def test_containers_of_values_let_them_go_outside() -> None:
    """What is replaced or dropped uses the very object that dropped it."""

    def main() -> list[str]:
        seen: list[str] = []
        pointer, holder = atomic.Pointer[Any](), atomic.Value()
        table: Map[Any, Any] = Map()
        pool: Pool[Any] = Pool()
        ch = Chan[Any](3)

        def dies(what: str, then: Callable[[], object]) -> Value:
            return Value(lambda: (seen.append(what), then()))

        pointer.store(dies("pointer", lambda: pointer.store(None)))
        pointer.swap(None)
        holder.store(dies("value", holder.load))
        holder.store(Value())
        table.store("key", dies("map", lambda: table.store("key", 1)))
        table.store("key", 0)
        table.store("other", dies("cleared", table.clear))
        table.clear()
        for _ in range(3):
            pool.put(dies("pool", runtime.gosched))
        del pool
        for _ in range(3):
            ch.send(dies("chan", lambda: len(seen)))
        del ch
        ctx = context.with_value(context.background(), "key", dies("context", runtime.gosched))
        child = context.with_cancel(ctx)
        child.cancel()
        del ctx, child
        gc.collect()
        gc.collect()
        return seen

    assert sorted(gofer.run(main)) == sorted(
        ["pointer", "value", "map", "cleared", "pool", "pool", "pool", "chan", "chan", "chan", "context"]
    )


def test_everything_that_the_collector_knows_may_be_walked() -> None:
    def main() -> None:
        channels = [Chan[Any](n) for n in range(6)]
        for ch in channels:
            for n in range(ch.capacity - 1):
                ch.send([n])
        group = WaitGroup()
        for ch in channels:
            group.go(ch.recv)
        for each in gc.get_objects():
            if isinstance(each, list | tuple):
                list(each)
            elif isinstance(each, Chan):
                gc.get_referents(each)
        runtime.goroutines()
        for ch in channels:
            ch.close()
        group.wait()

    gofer.run(main)


def test_the_collector_finds_what_is_buffered() -> None:
    def main() -> None:
        ch = Chan[Any](4)
        values = [["gone"], ["second"], ["third"]]
        for value in values:
            ch.send(value)
        ch.recv()
        known = gc.get_referents(ch)
        known += [each for found in known if type(found) is list for each in gc.get_referents(found)]
        assert [any(each is value for each in known) for value in values] == [False, True, True]

    gofer.run(main)


@pytest.mark.parametrize("kind", ["Chan", "subclass"])
def test_a_channel_in_its_own_buffer_is_collected(kind: str) -> None:
    class Own(Chan[Any]):
        """A subclass of the program's."""

    def main() -> None:
        dead: list[int] = []
        for n in range(10):
            ch: Chan[Any] = Chan(2) if kind == "Chan" else Own(2)
            ch.send((ch, Value(lambda n=n: dead.append(n))))  # type: ignore[misc]
            del ch
        gc.collect()
        assert sorted(dead) == list(range(10))

    gofer.run(main)


def test_a_channel_that_the_collector_takes_apart_is_still_a_channel() -> None:
    """What the collector does not know has its destructor called when the parts of a cycle are dropped."""

    def main() -> list[object]:
        seen: list[object] = []

        def make() -> None:
            ch = Chan[Any](3)

            class Unknown:
                __slots__ = ()

                def __del__(self) -> None:
                    seen.append(len(ch))
                    select(recv(ch), recv(ch), send(ch, 1), default=True)
                    ch.close()

            ch.send(Unknown())
            ch.send([ch, Unknown])

        make()
        gc.collect()
        return seen

    assert len(gofer.run(main)) == 1


def test_a_long_chain_of_channels_is_freed() -> None:
    def main() -> None:
        ch = Chan[Any](1)
        for _ in range(200_000):
            outer = Chan[Any](1)
            outer.send(ch)
            ch = outer

    gofer.run(main)


def test_a_channel_may_be_initialised_again() -> None:
    def main() -> None:
        dead: list[int] = []
        ch = Chan[Any](2)
        ch.send(Value(lambda: dead.append(len(ch))))
        ch.__init__(1)  # type: ignore[misc]
        assert dead == [0]
        ch.send("new")
        assert (ch.recv(), len(ch), ch.capacity) == ("new", 0, 1)

    gofer.run(main)


def test_a_buffer_beyond_all_memory() -> None:
    with pytest.raises(MemoryError):
        Chan(2**62)
