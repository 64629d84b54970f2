"""Programs of goroutines: `test_race_*` must be reported, `test_norace_*` must not."""

import gofer
from gofer import sync
from racing import both


class Box:
    def __init__(self):
        self.value = 0


def increment(box):
    box.value += 1


def test_race_counter():
    box = Box()
    both(lambda: increment(box), lambda: increment(box))


def test_race_closure():
    n = 0

    def add():
        nonlocal n
        n += 1

    both(add, add)


def test_race_map():
    table = {}

    def store(key):
        table[key] = 1

    both(lambda: store("a"), lambda: store("b"))


def test_race_close_send():
    ch = gofer.Chan(2)
    both(lambda: ch.send(1), lambda: ch.close())


def test_race_buffered_does_not_order_back():
    box = Box()
    ch = gofer.Chan(1)

    def receiver():
        increment(box)
        ch.recv()

    def sender():
        ch.send(1)
        increment(box)

    both(receiver, sender)


def test_norace_unbuffered_orders_back():
    box = Box()
    ch = gofer.Chan()

    def receiver():
        increment(box)
        ch.recv()

    def sender():
        ch.send(1)
        increment(box)

    both(receiver, sender)


def test_norace_channel():
    box = Box()
    ch = gofer.Chan()

    def sender():
        increment(box)
        ch.send(1)

    gofer.go(sender)
    ch.recv()
    increment(box)


def test_norace_close():
    box = Box()
    ch = gofer.Chan()

    def closer():
        increment(box)
        ch.close()

    gofer.go(closer)
    ch.recv()
    increment(box)


def test_norace_waitgroup():
    box = Box()
    both(lambda: increment(box))
    increment(box)


def test_norace_mutex():
    box = Box()
    mutex = sync.Mutex()

    def add():
        with mutex:
            increment(box)

    both(add, add)


def test_norace_select():
    box = Box()
    ch = gofer.Chan()

    def sender():
        increment(box)
        gofer.select(gofer.send(ch, 1))

    gofer.go(sender)
    gofer.select(gofer.recv(ch))
    increment(box)
