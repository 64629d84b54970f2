"""Channels and select: what they order, element by element, and what they do not."""

import gofer
from gofer import runtime
from racing import Box, both, together


def increment(box):
    box.value += 1


def test_norace_send_receive():
    box, ch = Box(), gofer.Chan(1)

    def one():
        increment(box)
        ch.send(1)

    def two():
        ch.recv()
        increment(box)

    both(one, two)


def test_race_send_after():
    """Box.value"""
    box, ch = Box(), gofer.Chan(1)

    def one():
        ch.send(1)
        increment(box)

    def two():
        ch.recv()
        increment(box)

    both(one, two)


def test_norace_unbuffered_receive_before_send_returns():
    box, ch = Box(), gofer.Chan()

    def one():
        ch.send(1)
        increment(box)

    def two():
        increment(box)
        ch.recv()

    both(one, two)


def test_race_buffered_receive_before_send_returns():
    box, ch = Box(), gofer.Chan(1)

    def one():
        ch.send(1)
        increment(box)

    def two():
        increment(box)
        ch.recv()

    both(one, two)


def test_norace_semaphore_of_capacity_one():
    box, ch = Box(), gofer.Chan(1)

    def one():
        ch.send(1)
        increment(box)
        ch.recv()

    both(one, one, one)


def test_race_semaphore_of_capacity_two():
    box, ch = Box(), gofer.Chan(2)

    def one():
        ch.send(1)
        increment(box)
        runtime.gosched()
        ch.recv()

    both(one, one)


def test_norace_capacity_two_orders_third():
    box, ch = Box(), gofer.Chan(2)
    ch.send(1)
    ch.send(2)

    def receiver():
        increment(box)
        ch.recv()

    def sender():
        ch.send(3)
        increment(box)

    both(receiver, sender)


def test_race_elements_do_not_order_each_other():
    box, first, second = Box(), gofer.Chan(2), gofer.Chan(2)

    def one():
        first.send(1)
        increment(box)
        second.send(1)

    def two():
        first.recv()
        increment(box)

    both(one, two)


def test_norace_close_receive():
    box, ch = Box(), gofer.Chan()

    def one():
        increment(box)
        ch.close()

    def two():
        ch.recv_ok()
        increment(box)

    both(one, two)


def test_norace_close_range():
    box, ch = Box(), gofer.Chan(3)

    def one():
        for _ in range(3):
            ch.send(1)
        increment(box)
        ch.close()

    def two():
        for _ in ch:
            pass
        increment(box)

    both(one, two)


def test_race_value_before_close():
    box, ch = Box(), gofer.Chan(3)

    def one():
        ch.send(1)
        increment(box)
        ch.close()

    def two():
        ch.recv()
        increment(box)

    both(one, two)


def test_race_close_close():
    """channel"""
    ch = gofer.Chan()

    def close():
        try:
            ch.close()
        except gofer.ClosedChannelError:
            pass

    both(close, lambda: close())


def test_race_close_send():
    """channel"""
    ch = gofer.Chan(5)

    def send():
        try:
            ch.send(1)
        except gofer.ClosedChannelError:
            pass

    both(ch.close, send)


def test_norace_close_after_sends():
    ch, done = gofer.Chan(5), gofer.Chan(2)

    def send():
        ch.send(1)
        done.send(1)

    gofer.go(send)
    gofer.go(send)
    done.recv()
    done.recv()
    ch.close()


def test_norace_sends():
    ch = gofer.Chan(5)
    both(lambda: ch.send(1), lambda: ch.send(2))


def test_norace_receives():
    ch = gofer.Chan(5)
    ch.send(1)
    ch.send(2)
    both(ch.recv, ch.recv)


def test_norace_close_receive_unordered():
    ch = gofer.Chan(5)
    both(ch.close, lambda: ch.recv())


def test_norace_len():
    ch = gofer.Chan(5)
    both(lambda: ch.send(1), lambda: len(ch), lambda: ch.capacity, lambda: ch.closed)


def test_norace_select_receive():
    box, ch, other = Box(), gofer.Chan(), gofer.Chan()

    def one():
        increment(box)
        ch.send(1)

    def two():
        gofer.select(gofer.recv(other), gofer.recv(ch))
        increment(box)

    both(one, two)


def test_norace_select_send():
    box, ch, other = Box(), gofer.Chan(), gofer.Chan()

    def one():
        increment(box)
        gofer.select(gofer.send(ch, 1), gofer.recv(other))

    def two():
        ch.recv()
        increment(box)

    both(one, two)


def test_race_select_default():
    box, ch = Box(), gofer.Chan()

    def one():
        gofer.select(gofer.recv(ch), default=True)
        increment(box)

    both(one, one)


def test_norace_select_closed():
    box, ch = Box(), gofer.Chan()

    def one():
        increment(box)
        ch.close()

    def two():
        gofer.select(gofer.recv(ch))
        increment(box)

    both(one, two)


def test_race_select_other_channel():
    box, ch, other = Box(), gofer.Chan(1), gofer.Chan(1)

    def one():
        increment(box)
        ch.send(1)

    def two():
        gofer.select(gofer.recv(other))
        increment(box)

    def three():
        other.send(1)

    both(one, two, three)


def test_norace_views():
    box, ch = Box(), gofer.Chan()

    def one():
        increment(box)
        ch.sender.send(1)

    def two():
        ch.receiver.recv()
        increment(box)

    both(one, two)


def test_norace_pipeline():
    source, out = gofer.Chan(), gofer.Chan()

    def produce():
        for _ in range(5):
            source.send(Box())
        source.close()

    def transform():
        for box in source:
            increment(box)
            out.send(box)
        out.close()

    def consume():
        for box in out:
            increment(box)

    both(produce, transform, consume)


def test_race_pipeline_keeps_what_it_sent():
    """list (structure)"""
    out = gofer.Chan()

    def produce():
        batch = []
        for n in range(2):
            batch.append(n)
            out.send(batch)
        out.close()

    def consume():
        for batch in out:
            len(batch)

    both(produce, consume)


def test_norace_thread_sends_to_goroutine():
    box, ch = Box(), gofer.Chan(1)

    def one():
        increment(box)
        ch.send(1)

    together(one)
    ch.recv()
    increment(box)


def test_race_go_statement_parent_after():
    box, done = Box(), gofer.Chan(1)

    def child():
        increment(box)
        done.send(1)

    gofer.go(child)
    increment(box)
    done.recv()


def test_norace_go_statement_parent_before():
    box, done = Box(), gofer.Chan(1)
    increment(box)

    def child():
        increment(box)
        done.send(1)

    gofer.go(child)
    done.recv()


def test_race_goroutine_end_orders_nothing():
    box, started, finished = Box(), gofer.Chan(1), gofer.Chan(1)

    def child():
        both(lambda: None)
        started.send(1)
        increment(box)
        finished.send(1)

    gofer.go(child)
    started.recv()
    runtime.gosched()
    increment(box)
    finished.recv()


def test_norace_grandchild():
    box, done = Box(), gofer.Chan()
    increment(box)

    def grandchild():
        increment(box)
        done.send(1)

    gofer.go(gofer.go, grandchild)
    done.recv()
    increment(box)


def test_race_siblings_of_grandchildren():
    box = Box()

    def child():
        both(lambda: increment(box))

    both(child, lambda: increment(box))


def test_norace_ping_pong():
    box, ping, pong = Box(), gofer.Chan(), gofer.Chan()

    def one():
        for _ in range(10):
            increment(box)
            ping.send(1)
            pong.recv()

    def two():
        for _ in range(10):
            ping.recv()
            increment(box)
            pong.send(1)

    both(one, two)
