"""asyncio's side of the first suite; `bench.programs.uvloop` runs the same on uvloop's loop.

asyncio has no unbuffered queue: `Queue(1)` stands for it.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from bench.programs import protocol
from bench.programs.protocol import resident, since

Queue = asyncio.Queue[int]


async def nothing() -> None:
    pass


async def start(n: int, batch: int = 1000) -> float:
    begin = time.perf_counter_ns()
    for _ in range(n // batch):
        for task in [asyncio.create_task(nothing()) for _ in range(batch)]:
            await task
    return since(begin, n)


async def alive(n: int) -> float:
    return await start(n, n)


async def park(n: int) -> float:
    begin = time.perf_counter_ns()
    gate = asyncio.Event()
    tasks = [asyncio.create_task(gate.wait()) for _ in range(n)]
    await asyncio.sleep(0)
    gate.set()
    for task in tasks:
        await task
    return since(begin, n)


async def pingpong(n: int) -> float:
    there, back = Queue(1), Queue(1)

    async def echo() -> None:
        for _ in range(n // 2):
            await back.put(await there.get())

    task = asyncio.create_task(echo())
    begin = time.perf_counter_ns()
    for i in range(n // 2):
        await there.put(i)
        await back.get()
    elapsed = since(begin, n)
    await task
    return elapsed


async def put_all(queue: Queue, n: int) -> None:
    for i in range(n):
        await queue.put(i)


async def one_way(n: int, capacity: int, senders: int = 1) -> float:
    queue = Queue(capacity)
    begin = time.perf_counter_ns()
    tasks = [asyncio.create_task(put_all(queue, n // senders)) for _ in range(senders)]
    for _ in range(n):
        await queue.get()
    elapsed = since(begin, n)
    await asyncio.gather(*tasks)
    return elapsed


async def unbuffered(n: int) -> float:
    return await one_way(n, 1)


async def buffered(n: int) -> float:
    return await one_way(n, 100)


async def fanin(n: int) -> float:
    return await one_way(n, 1, 100)


async def give_way(n: int) -> float:
    async def work() -> None:
        for _ in range(n // 2):
            await asyncio.sleep(0)

    begin = time.perf_counter_ns()
    await asyncio.gather(work(), work())
    return since(begin, n)


async def select(n: int, ways: int, ready: bool) -> float:
    queues = [Queue(n if ready else 1) for _ in range(ways)]

    async def put_round() -> None:
        for _ in range(n // ways):
            for queue in queues:
                await queue.put(1)

    producer = asyncio.create_task(put_round())
    if ready:
        await producer
    begin = time.perf_counter_ns()
    getters = {asyncio.create_task(queue.get()): queue for queue in queues}
    received = 0
    while received < n:
        done, _ = await asyncio.wait(getters, return_when=asyncio.FIRST_COMPLETED)
        for getter in done:
            queue = getters.pop(getter)
            getters[asyncio.create_task(queue.get())] = queue
        received += len(done)
    elapsed = since(begin, n)
    for getter in getters:
        getter.cancel()
    await producer
    return elapsed


async def mutex(n: int) -> float:
    lock = asyncio.Lock()
    begin = time.perf_counter_ns()
    for _ in range(n):
        await lock.acquire()
        lock.release()
    return since(begin, n)


async def mutex_contended(n: int) -> float:
    lock = asyncio.Lock()

    async def work() -> None:
        for _ in range(n // 10):
            await lock.acquire()
            await asyncio.sleep(0)
            lock.release()

    begin = time.perf_counter_ns()
    await asyncio.gather(*[work() for _ in range(10)])
    return since(begin, n)


async def waitgroup(n: int) -> float:
    begin = time.perf_counter_ns()
    for _ in range(n // 1000):
        await asyncio.gather(*[nothing() for _ in range(1000)])
    return since(begin, n)


async def timer(n: int) -> float:
    loop = asyncio.get_running_loop()
    begin = time.perf_counter_ns()
    for i in range(n):
        loop.call_later(3600, print).cancel()
        if i % 1000 == 0:
            await asyncio.sleep(0)  # the loop drops cancelled timers only when it runs
    return since(begin, n)


async def sleep(n: int) -> float:
    begin = time.process_time_ns()
    await asyncio.gather(*[asyncio.sleep(0.05) for _ in range(n)])
    return (time.process_time_ns() - begin) / n


async def memory(n: int) -> float:
    before = resident()
    gate = asyncio.Event()
    tasks = [asyncio.create_task(gate.wait()) for _ in range(n)]
    await asyncio.sleep(0)
    used = (resident() - before) / n
    gate.set()
    await asyncio.gather(*tasks)
    return used


COROUTINES: dict[str, Callable[[int], Coroutine[Any, Any, float]]] = {
    "start": start,
    "alive": alive,
    "park": park,
    "pingpong": pingpong,
    "unbuffered": unbuffered,
    "buffered": buffered,
    "fanin": fanin,
    "yield": give_way,
    "select2": lambda n: select(n, 2, False),
    "select2-ready": lambda n: select(n, 2, True),
    "select8": lambda n: select(n, 8, False),
    "select8-ready": lambda n: select(n, 8, True),
    "waitgroup": waitgroup,
    "mutex": mutex,
    "mutex-contended": mutex_contended,
    "timer": timer,
    "sleep": sleep,
    "memory": memory,
}


def main(run: Callable[[Coroutine[Any, Any, float]], float], module: str) -> None:
    def case(coroutine: Callable[[int], Coroutine[Any, Any, float]]) -> protocol.Case:
        return lambda n: run(coroutine(n))

    cases = {name: case(coroutine) for name, coroutine in COROUTINES.items()}
    protocol.main(cases | {"import": protocol.import_cost(module)})


if __name__ == "__main__":
    main(asyncio.run, "asyncio")
