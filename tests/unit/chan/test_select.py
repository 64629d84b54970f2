"""Select, from outside."""

from collections import Counter

import pytest

import gofer
from gofer import DEFAULT, Chan, ClosedChannelError, DeadlockError, Selected, go, recv, runtime, select, send


def test_the_ready_case_is_chosen() -> None:
    a: Chan[int] = Chan(1)
    b: Chan[int] = Chan(1)
    b.send(7)
    assert select(recv(a), recv(b)) == Selected(1, 7, True)
    assert select(recv(b), send(a, 3)) == Selected(1, None, True)
    assert a.recv() == 3


def test_default() -> None:
    assert select(recv(Chan()), send(None, 1), default=True) == Selected(DEFAULT, None, False)
    assert select(default=True).index == DEFAULT == -1


def test_it_waits_for_whichever_comes() -> None:
    def main() -> list[Selected]:
        a: Chan[int] = Chan()
        b: Chan[int] = Chan()
        go(a.send, 1)
        first = select(recv(a), recv(b))
        go(b.recv)
        return [first, select(recv(a), send(b, 2))]

    assert gofer.run(main) == [Selected(0, 1, True), Selected(1, None, True)]


def test_the_choice_is_uniform() -> None:
    ready: list[Chan[int]] = [Chan(1) for _ in range(4)]
    counts: Counter[int] = Counter()
    for _ in range(4000):
        for ch in ready:
            if not len(ch):
                ch.send(0)
        counts[select(*map(recv, ready)).index] += 1
    assert all(800 < counts[k] < 1200 for k in range(4)), counts  # six sigmas are 164


def test_waiters_of_cases_not_chosen_are_gone() -> None:
    def main() -> tuple[int, int]:
        a: Chan[int] = Chan()
        b: Chan[int] = Chan()
        for n in range(100):
            go(a.send, n)
            select(recv(a), recv(b))
        return select(send(b, 1), default=True).index, select(send(a, 1), default=True).index

    assert gofer.run(main) == (DEFAULT, DEFAULT)


def test_closed_channels() -> None:
    ch: Chan[int] = Chan(zero=9)
    ch.close()
    assert select(recv(ch)) == Selected(0, 9, False)
    with pytest.raises(ClosedChannelError, match="send on closed channel"):
        select(send(ch, 1))


def test_closing_wakes_a_select() -> None:
    def main() -> Selected:
        ch: Chan[int] = Chan()
        go(ch.close)
        return select(recv(ch), recv(None))

    assert gofer.run(main) == Selected(0, None, False)


def test_one_channel_in_several_cases() -> None:
    def main() -> set[int]:
        ch: Chan[int] = Chan()
        seen = set()
        for _ in range(60):
            go(ch.send, 1)
            seen.add(select(recv(ch), recv(ch)).index)
        return seen

    assert gofer.run(main) <= {0, 1}


def test_no_case_blocks_for_ever() -> None:
    with pytest.raises(DeadlockError) as caught:
        gofer.run(select)
    assert "select (no cases)" in caught.value.goroutines
    with pytest.raises(DeadlockError):
        gofer.run(lambda: select(recv(None), send(None, 1)))


@pytest.mark.parametrize("case", [None, 1, (0, 1)])
def test_something_that_is_no_case(case: object) -> None:
    with pytest.raises(TypeError, match="recv\\(ch\\) or send"):
        select(case)  # type: ignore[arg-type]


def test_something_that_is_no_channel() -> None:
    with pytest.raises(TypeError, match="not int"):
        recv(3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not RecvChan"):
        send(Chan[int]().receiver, 3)  # type: ignore[arg-type]


def test_views_are_cases() -> None:
    ch: Chan[int] = Chan(1)
    assert select(send(ch.sender, 4)).ok
    assert select(recv(ch.receiver)).value == 4


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("others", [0, 1])
def test_a_select_that_waits_is_fair_to_the_cases_of_one_channel(count: int, others: int) -> None:
    def main() -> list[int]:
        ch = Chan[int]()
        counts = [0] * (count + others)
        rounds = 400 * count

        def sender() -> None:
            for _ in range(rounds):
                runtime.gosched()
                ch.send(0)

        go(sender)
        for _ in range(rounds):
            cases = [recv(ch)] * count + [recv(Chan())] * others
            counts[select(*cases).index] += 1
        return counts[:count]

    assert min(gofer.run(main)) > 280


def test_a_select_that_waits_to_send_is_fair_to_the_cases_of_one_channel() -> None:
    def main() -> list[int]:
        ch = Chan[int]()
        counts = [0, 0]

        def receiver() -> None:
            for _ in range(800):
                runtime.gosched()
                counts[ch.recv()] += 1

        go(receiver)
        for _ in range(800):
            select(send(ch, 0), send(ch, 1))
        while sum(counts) < 800:
            runtime.gosched()
        return counts

    assert min(gofer.run(main)) > 280


def test_a_channel_that_closes_is_fair_to_its_cases() -> None:
    def main() -> list[int]:
        counts = [0, 0, 0]
        for _ in range(900):
            ch = Chan[int]()
            go(ch.close)
            counts[select(recv(ch), recv(ch), recv(ch)).index] += 1
        return counts

    assert min(gofer.run(main)) > 200
