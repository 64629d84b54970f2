"""The loops that are measured with and without the race detector; plain code of the kind that programs have."""

import collections

import gofer
from gofer import sync


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def moved(self, by):
        return Point(self.x + by, self.y)


def attributes(n):
    point = Point(0, 0)
    items = [0] * 10
    for i in range(n):
        point.x += 1
        items[i % 10] = point.x + items[0]


class Task:
    def __init__(self, name, queue):
        self.name = name
        self.queue = queue
        self.count = 0
        self.held = None

    def take(self, packet):
        self.held = packet
        self.count += 1
        packet.hops += 1
        if packet.hops % 3 == 0:
            packet.kind = 1 - packet.kind
        return self.next_of(packet)

    def next_of(self, packet):
        return self.queue[(packet.kind + self.count) % len(self.queue)]


class Packet:
    def __init__(self):
        self.kind = 0
        self.hops = 0


def scheduling(n):
    """Tasks that hand packets on, in the manner of the Richards benchmark."""
    queue = []
    for name in range(6):
        queue.append(Task(name, queue))
    packets = [Packet() for _ in range(4)]
    task = queue[0]
    for i in range(n):
        task = task.take(packets[i % 4])


def pingpong(n):
    there, back = gofer.Chan(), gofer.Chan()

    def answer():
        for value in there:
            back.send(value)

    gofer.go(answer)
    for i in range(n // 2):
        there.send(i)
        back.recv()
    there.close()


def locking(n):
    mutex = sync.Mutex()
    point = Point(0, 0)
    for _ in range(n):
        with mutex:
            point.x += 1


def calls(n):
    items = []
    for i in range(n):
        items.append(i)
        if len(items) > 10:
            items.pop()


def iteration(n):
    items = list(range(1000))
    total = 0
    for _ in range(n // 1000):
        for item in items:
            total += item
    return total


def dicts(n):
    table = {"a": 1, "b": 2}
    for _ in range(n):
        table["a"] = table["b"] + 1


def inserts(n):
    table = {}
    for i in range(n):
        table[i] = i  # noqa: PERF403 (stores are what is measured)


class Row:
    def __init__(self):
        self.cells = [0] * 10


def stores(n):
    row = Row()
    for i in range(n):
        row.cells[i % 10] += 1


def slices(n):
    items = [0] * 10
    for _ in range(n):
        items[2:5] = items[3:6]


def deques(n):
    waiting = collections.deque()
    for i in range(n):
        waiting.append(i)
        waiting.popleft()


def functions(n):
    total = 0

    def count():
        nonlocal total
        total += 1

    for _ in range(n):
        count()


def arithmetic(n):
    a, b = 0, 1
    for i in range(n):
        a, b = b, (a + b + i) % 1000003
    return a


def objects(n):
    point = Point(0, 0)
    for _ in range(n):
        point = point.moved(1)


def goroutines(n):
    for _ in range(n // 1000):
        group = sync.WaitGroup()
        for _ in range(1000):
            group.go(attributes, 1)
        group.wait()


def heap(n):
    return [Point(i, i) for i in range(n)]
