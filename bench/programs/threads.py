"""Operating-system threads' side of the first suite; nothing here starts more than 1,000 threads at a time.

`queue` has no unbuffered queue and no select: `Queue(1)` stands for the one, the other is left out.
"""

import threading
import time
from queue import Queue
from typing import Any

from bench.programs import protocol
from bench.programs.protocol import resident, since


def nothing() -> None:
    pass


def start_all(count: int, target: Any, *args: Any) -> list[threading.Thread]:
    threads = [threading.Thread(target=target, args=args) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads


def join_all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.join()


def start(n: int) -> float:
    begin = time.perf_counter_ns()
    for _ in range(n // 1000):
        join_all(start_all(1000, nothing))
    return since(begin, n)


def pingpong(n: int) -> float:
    there, back = Queue[int](1), Queue[int](1)

    def echo() -> None:
        for _ in range(n // 2):
            back.put(there.get())

    threads = start_all(1, echo)
    begin = time.perf_counter_ns()
    for i in range(n // 2):
        there.put(i)
        back.get()
    elapsed = since(begin, n)
    join_all(threads)
    return elapsed


def put_all(queue: Queue[int], n: int) -> None:
    for i in range(n):
        queue.put(i)


def one_way(n: int, capacity: int, senders: int = 1) -> float:
    queue = Queue[int](capacity)
    begin = time.perf_counter_ns()
    threads = start_all(senders, put_all, queue, n // senders)
    for _ in range(n):
        queue.get()
    elapsed = since(begin, n)
    join_all(threads)
    return elapsed


def give_way(n: int) -> float:
    def work() -> None:
        for _ in range(n // 2):
            time.sleep(0)

    begin = time.perf_counter_ns()
    join_all(start_all(2, work))
    return since(begin, n)


def mutex(n: int) -> float:
    lock = threading.Lock()
    begin = time.perf_counter_ns()
    for _ in range(n):
        lock.acquire()
        lock.release()
    return since(begin, n)


def mutex_contended(n: int) -> float:
    lock = threading.Lock()

    def work() -> None:
        for _ in range(n // 10):
            with lock:
                time.sleep(0)

    begin = time.perf_counter_ns()
    join_all(start_all(10, work))
    return since(begin, n)


def timer(n: int) -> float:
    begin = time.perf_counter_ns()
    for _ in range(n):
        one = threading.Timer(3600, nothing)
        one.start()
        one.cancel()
        one.join()
    return since(begin, n)


def memory(n: int) -> float:
    count = min(n, 1000)
    before = resident()
    gate = threading.Event()
    threads = start_all(count, gate.wait)
    used = (resident() - before) / count
    gate.set()
    join_all(threads)
    return used


CASES: dict[str, Any] = {
    "start": start,
    "pingpong": pingpong,
    "unbuffered": lambda n: one_way(n, 1),
    "buffered": lambda n: one_way(n, 100),
    "fanin": lambda n: one_way(n, 1, 100),
    "yield": give_way,
    "waitgroup": start,
    "mutex": mutex,
    "mutex-contended": mutex_contended,
    "timer": timer,
    "memory": memory,
    "import": protocol.import_cost("threading"),
}

if __name__ == "__main__":
    protocol.main(CASES)
