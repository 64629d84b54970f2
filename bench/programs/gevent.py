"""gevent's side of the first suite. It has no select over queues."""

import time
from typing import Any

import gevent
import gevent.event
import gevent.lock
import gevent.queue

from bench.programs import protocol
from bench.programs.protocol import resident, since


def nothing() -> None:
    pass


def start(n: int, batch: int = 1000) -> float:
    begin = time.perf_counter_ns()
    for _ in range(n // batch):
        gevent.joinall([gevent.spawn(nothing) for _ in range(batch)])
    return since(begin, n)


def parked(n: int) -> tuple[Any, list[Any]]:
    gate = gevent.event.Event()
    greenlets = [gevent.spawn(gate.wait) for _ in range(n)]
    gevent.sleep(0)
    return gate, greenlets


def park(n: int) -> float:
    begin = time.perf_counter_ns()
    gate, greenlets = parked(n)
    gate.set()
    gevent.joinall(greenlets)
    return since(begin, n)


def pingpong(n: int) -> float:
    there, back = gevent.queue.Channel(), gevent.queue.Channel()

    def echo() -> None:
        for _ in range(n // 2):
            back.put(there.get())

    gevent.spawn(echo)
    begin = time.perf_counter_ns()
    for i in range(n // 2):
        there.put(i)
        back.get()
    return since(begin, n)


def put_all(queue: Any, n: int) -> None:
    for i in range(n):
        queue.put(i)


def one_way(n: int, queue: Any, senders: int = 1) -> float:
    begin = time.perf_counter_ns()
    for _ in range(senders):
        gevent.spawn(put_all, queue, n // senders)
    for _ in range(n):
        queue.get()
    return since(begin, n)


def give_way(n: int) -> float:
    def work() -> None:
        for _ in range(n // 2):
            gevent.sleep(0)

    begin = time.perf_counter_ns()
    gevent.joinall([gevent.spawn(work), gevent.spawn(work)])
    return since(begin, n)


def mutex(n: int) -> float:
    lock = gevent.lock.BoundedSemaphore(1)
    begin = time.perf_counter_ns()
    for _ in range(n):
        lock.acquire()
        lock.release()
    return since(begin, n)


def mutex_contended(n: int) -> float:
    lock = gevent.lock.BoundedSemaphore(1)

    def work() -> None:
        for _ in range(n // 10):
            lock.acquire()
            gevent.sleep(0)
            lock.release()

    begin = time.perf_counter_ns()
    gevent.joinall([gevent.spawn(work) for _ in range(10)])
    return since(begin, n)


def timer(n: int) -> float:
    loop = gevent.get_hub().loop
    begin = time.perf_counter_ns()
    for _ in range(n):
        one = loop.timer(3600.0)
        one.start(nothing)
        one.stop()
        one.close()
    return since(begin, n)


def sleep(n: int) -> float:
    begin = time.process_time_ns()
    gevent.joinall([gevent.spawn(gevent.sleep, 0.05) for _ in range(n)])
    return (time.process_time_ns() - begin) / n


def memory(n: int) -> float:
    before = resident()
    gate, greenlets = parked(n)
    used = (resident() - before) / n
    gate.set()
    gevent.joinall(greenlets)
    return used


CASES: dict[str, Any] = {
    "start": start,
    "alive": lambda n: start(n, n),
    "park": park,
    "pingpong": pingpong,
    "unbuffered": lambda n: one_way(n, gevent.queue.Channel()),
    "buffered": lambda n: one_way(n, gevent.queue.Queue(100)),
    "fanin": lambda n: one_way(n, gevent.queue.Channel(), 100),
    "yield": give_way,
    "waitgroup": start,
    "mutex": mutex,
    "mutex-contended": mutex_contended,
    "timer": timer,
    "sleep": sleep,
    "memory": memory,
    "import": protocol.import_cost("gevent"),
}

if __name__ == "__main__":
    protocol.main(CASES)
