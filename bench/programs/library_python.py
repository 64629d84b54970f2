"""Python's side of the library suite: what one would use without gofer."""

import asyncio
import time
from itertools import count
from threading import Lock, Semaphore, Thread

from bench.programs import protocol
from bench.programs.protocol import since

KEYS = [str(n) for n in range(100)]


def with_lock(n: int) -> float:
    lock = Lock()
    begin = time.perf_counter_ns()
    for _ in range(n):
        with lock:
            pass
    return since(begin, n)


def dict_method(n: int) -> float:
    found = dict.fromkeys(KEYS, 1)
    begin = time.perf_counter_ns()
    for _ in range(n):
        found.get("7")
    return since(begin, n)


def next_count(n: int) -> float:
    numbers = count()
    begin = time.perf_counter_ns()
    for _ in range(n):
        next(numbers)
    return since(begin, n)


def dict_get(n: int) -> float:
    found = dict.fromkeys(KEYS, 1)
    begin = time.perf_counter_ns()
    for _ in range(n):
        found["7"]
    return since(begin, n)


def dict_set(n: int) -> float:
    found = dict.fromkeys(KEYS, 1)
    begin = time.perf_counter_ns()
    for _ in range(n):
        found["7"] = 1
    return since(begin, n)


def handover(n: int) -> float:
    """A thread gives a coroutine one value at a time, as a goroutine does that waits for its receiver."""
    return asyncio.run(receive_one_by_one(n))


async def receive_one_by_one(n: int) -> float:
    loop = asyncio.get_running_loop()
    wanted = Lock()
    wanted.acquire()
    waiting: list[asyncio.Future[int]] = []

    def send() -> None:
        for k in range(n):
            wanted.acquire()
            loop.call_soon_threadsafe(waiting.pop().set_result, k)

    thread = Thread(target=send)
    thread.start()
    begin = time.perf_counter_ns()
    for _ in range(n):
        future = loop.create_future()
        waiting.append(future)
        wanted.release()
        await future
    spent = since(begin, n)
    thread.join()
    return spent


def stream(n: int) -> float:
    """A thread gives a coroutine values, of which 100 may be on their way."""
    return asyncio.run(receive_queued(n))


async def receive_queued(n: int) -> float:
    loop = asyncio.get_running_loop()
    room = Semaphore(100)
    queue: asyncio.Queue[int] = asyncio.Queue()

    def send() -> None:
        for k in range(n):
            room.acquire()
            loop.call_soon_threadsafe(queue.put_nowait, k)

    thread = Thread(target=send)
    thread.start()
    begin = time.perf_counter_ns()
    for _ in range(n):
        await queue.get()
        room.release()
    spent = since(begin, n)
    thread.join()
    return spent


CASES = {
    "with-mutex": with_lock,
    "with-reader": with_lock,
    "map-load": dict_method,
    "atomic-add": next_count,
    "map-get": dict_get,
    "map-set": dict_set,
    "aio-handover": handover,
    "aio-stream": stream,
}

if __name__ == "__main__":
    protocol.main(CASES)
