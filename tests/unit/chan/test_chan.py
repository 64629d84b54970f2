"""Channels, from outside."""

import copy
import pickle
import threading

import pytest

import gofer
from gofer import Chan, ClosedChannelError, go


def test_values_come_in_the_order_sent() -> None:
    def main() -> list[int]:
        ch: Chan[int] = Chan(3)
        go(lambda: [ch.send(n) for n in range(10)] and ch.close())
        return list(ch)

    assert gofer.run(main) == list(range(10))


@pytest.mark.parametrize("capacity", [0, 1, 5])
def test_every_value_of_many_senders_is_received_once(capacity: int) -> None:
    def main() -> list[int]:
        ch: Chan[int] = Chan(capacity)
        for k in range(10):
            go(lambda k=k: [ch.send(k * 100 + n) for n in range(20)])
        return [ch.recv() for _ in range(200)]

    got = gofer.run(main)
    assert sorted(got) == sorted(k * 100 + n for k in range(10) for n in range(20))
    for k in range(10):
        assert [v for v in got if v // 100 == k] == [k * 100 + n for n in range(20)]


def test_a_closed_channel_yields_what_is_left_and_then_zero() -> None:
    ch: Chan[int] = Chan(2, zero=-1)
    ch.send(1)
    ch.send(2)
    ch.close()
    assert [ch.recv_ok() for _ in range(3)] == [(1, True), (2, True), (-1, False)]
    assert ch.recv() == -1
    assert ch.closed


def test_send_and_close_on_a_closed_channel() -> None:
    ch: Chan[int] = Chan(1)
    ch.close()
    with pytest.raises(ClosedChannelError, match="^send on closed channel$"):
        ch.send(1)
    with pytest.raises(ClosedChannelError, match="^close of closed channel$"):
        ch.close()


def test_close_wakes_receivers_with_zero_and_senders_with_an_error() -> None:
    def main() -> tuple[list[tuple[None, bool]], list[str]]:
        receiving: Chan[None] = Chan()
        sending: Chan[int] = Chan()
        results: Chan[tuple[None, bool]] = Chan(2)
        errors: Chan[str] = Chan(2)

        def sender() -> None:
            try:
                sending.send(1)
            except ClosedChannelError as error:
                errors.send(str(error))

        for _ in range(2):
            go(lambda: results.send(receiving.recv_ok()))
            go(sender)
        while not all(g.state == "waiting" for g in gofer.runtime.goroutines()[1:]):
            gofer.runtime.gosched()
        receiving.close()
        sending.close()
        return [results.recv(), results.recv()], [errors.recv(), errors.recv()]

    assert gofer.run(main) == ([(None, False)] * 2, ["send on closed channel"] * 2)


def test_length_capacity_truth_and_views() -> None:
    ch: Chan[int] = Chan(2)
    assert (len(ch), ch.capacity, bool(ch), ch.closed) == (0, 2, True, False)
    ch.sender.send(5)
    assert len(ch) == len(ch.sender) == len(ch.receiver) == 1
    assert ch.sender == ch.sender != ch.receiver
    assert hash(ch.receiver) == hash(ch.receiver)
    assert ch.sender.chan is ch
    assert ch.receiver.capacity == 2
    assert not hasattr(ch.sender, "recv") and not hasattr(ch.receiver, "send")
    assert ch.receiver.recv() == 5
    ch.sender.close()
    assert list(ch.receiver) == []


@pytest.mark.parametrize("capacity", ["1", 1.0, None, True])
def test_a_capacity_is_an_int(capacity: object) -> None:
    with pytest.raises(TypeError, match="capacity"):
        Chan(capacity)  # type: ignore[arg-type]


def test_a_capacity_is_not_negative() -> None:
    with pytest.raises(ValueError, match="-1"):
        Chan(-1)


def test_a_capacity_is_a_size() -> None:
    with pytest.raises(ValueError, match=f"out of range: {2**63}"):
        Chan(2**63)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_channel_must_not_be_copied(duplicate) -> None:
    with pytest.raises(TypeError, match="must not be copied"):
        duplicate(Chan())


def test_foreign_threads_send_and_receive() -> None:
    def main() -> list[int]:
        there: Chan[int] = Chan()
        back: Chan[int] = Chan()

        def thread() -> None:
            for n in there:
                back.send(n * n)
            back.close()

        worker = threading.Thread(target=thread)
        worker.start()
        go(lambda: [there.send(n) for n in range(50)] and there.close())
        got = list(back)
        worker.join()
        return got

    assert gofer.run(main) == [n * n for n in range(50)]


def test_generic_at_run_time() -> None:
    assert Chan[int](3).capacity == 3
