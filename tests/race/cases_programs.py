"""Small correct programs as people write them: nothing is to be said of any."""

import asyncio
import collections
import concurrent.futures
import contextlib
import contextvars
import dataclasses
import enum
import functools
import json
import logging
import multiprocessing.pool
import queue
import re
import threading
import weakref

import gofer
from racing import both, together


class Lazy:
    _lock = threading.Lock()
    _instance = None

    @classmethod
    def get(cls):
        with cls._lock:
            if cls._instance is None:
                cls._instance = cls()
        return cls._instance


def test_norace_singleton():
    together(Lazy.get, Lazy.get)
    both(Lazy.get, Lazy.get)


class Bounded:
    def __init__(self, size):
        self.items, self.size, self.changed = [], size, threading.Condition()

    def put(self, item):
        with self.changed:
            while len(self.items) >= self.size:
                self.changed.wait()
            self.items.append(item)
            self.changed.notify_all()

    def get(self):
        with self.changed:
            while not self.items:
                self.changed.wait()
            item = self.items.pop(0)
            self.changed.notify_all()
            return item


def test_norace_bounded_buffer():
    buffer = Bounded(1)
    together(
        lambda: [buffer.put([n]) for n in range(10)],
        lambda: [buffer.get().append(1) for _ in range(10)],
    )


class ReadersAndWriters:
    def __init__(self):
        self.readers, self.counting, self.writing = 0, threading.Lock(), threading.Lock()

    @contextlib.contextmanager
    def reading(self):
        with self.counting:
            self.readers += 1
            if self.readers == 1:
                self.writing.acquire()
        yield
        with self.counting:
            self.readers -= 1
            if self.readers == 0:
                self.writing.release()


def test_norace_readers_and_writers():
    guard, table = ReadersAndWriters(), {"n": 0}

    def read():
        for _ in range(5):
            with guard.reading():
                table["n"]

    def write():
        for _ in range(5):
            with guard.writing:
                table["n"] += 1
                table[len(table)] = 1

    together(read, read, write, write)


def test_norace_pool_of_squares():
    def square(record):
        record["y"] = record["x"] ** 2
        return record

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        sum(record["y"] for record in pool.map(square, [{"x": n} for n in range(6)]))
        for future in concurrent.futures.as_completed([pool.submit(square, {"x": n}) for n in range(4)]):
            future.result()["y"]


def test_norace_event_loop():
    async def main():
        loop, state, lock, told, seen = asyncio.get_running_loop(), {"n": 0}, asyncio.Lock(), asyncio.Event(), []

        async def step():
            async with lock:
                state["n"] += 1
            await asyncio.sleep(0)
            state["n"] += 1

        def outside():
            state["n"] += 1

        def tell():
            seen.append(1)
            loop.call_soon_threadsafe(told.set)

        await asyncio.gather(*[step() for _ in range(3)])
        await loop.run_in_executor(None, outside)
        state["n"] += 1
        await asyncio.to_thread(outside)
        thread = threading.Thread(target=tell)
        thread.start()
        await told.wait()
        seen.append(2)
        thread.join()

    asyncio.run(main())


def test_norace_loop_in_a_thread():
    loop, seen = asyncio.new_event_loop(), []

    async def add(item):
        seen.append(item)
        return len(seen)

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    for n in range(3):
        asyncio.run_coroutine_threadsafe(add(n), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    len(seen)


def test_norace_library_used_by_many():
    class Colour(enum.Enum):
        RED = 1
        BLUE = 2

    @dataclasses.dataclass(frozen=True)
    class Point:
        x: int
        y: int

    logging.getLogger("cases").addHandler(logging.NullHandler())

    def use():
        for colour in Colour:
            colour.name
        hash(Point(1, 2))
        re.compile("a+").match("aaa")
        json.loads(json.dumps({"a": [1]}))
        logging.getLogger("cases").debug("seen %s", {"a": 1})

    together(use, use)
    both(use, use)


def test_norace_pool_of_multiprocessing():
    with multiprocessing.pool.ThreadPool(3) as pool:
        changed = pool.map(lambda record: record.update(z=1) or record, [{"n": n} for n in range(6)])
        [record["z"] for record in changed]
        pool.starmap(lambda items, item: items.append(item), [([], 1), ([], 2)])


def test_norace_events_in_turn():
    ping, pong, state = threading.Event(), threading.Event(), [0]

    def first():
        for _ in range(5):
            ping.wait()
            ping.clear()
            state[0] += 1
            pong.set()

    def second():
        for _ in range(5):
            ping.set()
            pong.wait()
            pong.clear()
            state[0] += 1

    together(first, second)


def test_norace_simulation_in_rounds():
    size = 3
    barrier = threading.Barrier(size)
    world = {"now": [[1] * size for _ in range(size)], "next": [[0] * size for _ in range(size)]}

    def work(me):
        for _ in range(3):
            for column in range(size):
                world["next"][me][column] = sum(row[column] for row in world["now"])
            if barrier.wait() == 0:
                world["now"], world["next"] = world["next"], [[0] * size for _ in range(size)]
            barrier.wait()

    together(*[functools.partial(work, me) for me in range(size)])


def test_norace_pipeline_of_records():
    source, middle, sink = gofer.Chan(), gofer.Chan(2), gofer.Chan()

    def produce():
        for n in range(5):
            source.send({"n": n})
        source.close()

    def change(before, after, key):
        for record in before:
            record[key] = record["n"]
            after.send(record)
        after.close()

    gofer.go(produce)
    gofer.go(change, source, middle, "a")
    gofer.go(change, middle, sink, "b")
    [record["a"] + record["b"] for record in sink]


def test_norace_generator_handed_over():
    def count():
        yield from range(5)

    steps, done = count(), gofer.Chan(1)
    next(steps)

    def step():
        next(steps)
        done.send(1)

    gofer.go(step)
    done.recv()
    next(steps)


def test_norace_objects_that_die():
    class Thing:
        pass

    def make():
        for _ in range(20):
            thing = Thing()
            thing.x = 1
            weakref.finalize(thing, int)

    together(make, make)


def test_norace_recursion_under_a_lock():
    lock, state = threading.RLock(), {"n": 0}

    def descend(depth):
        with lock:
            state["n"] += 1
            if depth:
                descend(depth - 1)

    together(lambda: descend(3), lambda: descend(3))


def test_norace_snapshot_of_subscribers():
    lock, subscribers = threading.Lock(), []

    def subscribe():
        with lock:
            subscribers.append(object())

    def publish():
        with lock:
            snapshot = list(subscribers)
        for subscriber in snapshot:
            subscriber.__class__

    together(subscribe, publish, subscribe, publish)


def test_norace_configuration_before_an_event():
    ready, settings = threading.Event(), {}

    def load():
        settings["a"] = 1
        ready.set()

    def use():
        ready.wait()
        settings["a"]

    together(load, use, use)


def test_norace_deque_and_semaphore():
    line, filled = collections.deque(), threading.Semaphore(0)

    def produce():
        for n in range(5):
            line.append([n])
            filled.release()

    def consume():
        for _ in range(5):
            filled.acquire()
            line.popleft().append(1)

    together(produce, consume)


def test_norace_workers_with_sentinels():
    jobs, results = queue.Queue(), queue.Queue()

    def work():
        while (job := jobs.get()) is not None:
            job["done"] = True
            results.put(job)
            jobs.task_done()
        jobs.task_done()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for n in range(6):
        jobs.put({"n": n})
    for _ in workers:
        jobs.put(None)
    jobs.join()
    sum(results.get()["done"] for _ in range(6))
    for worker in workers:
        worker.join()


def test_norace_context_variables():
    current = contextvars.ContextVar("current", default=None)

    def use():
        current.set([1])
        current.get().append(2)

    both(use, use)
    together(use, use)
