"""What the standard library orders: threads, locks, queues, futures, event loops, pipes and sockets."""

import asyncio
import concurrent.futures
import os
import queue
import socket
import tempfile
import threading

from racing import Box, both, together


def increment(box):
    box.value += 1


def test_norace_thread_subclass():
    box = Box()

    class Worker(threading.Thread):
        def run(self):
            increment(box)

    increment(box)
    worker = Worker()
    worker.start()
    worker.join()
    increment(box)


def test_race_thread_not_joined():
    box, started = Box(), threading.Event()

    def work():
        increment(box)
        started.set()

    def look():
        return box.value

    worker = threading.Thread(target=work)
    worker.start()
    look()
    worker.join()


def test_race_joined_other_thread():
    box = Box()
    one = threading.Thread(target=increment, args=(box,))
    two = threading.Thread(target=lambda: None)
    one.start()
    two.start()
    two.join()
    increment(box)
    one.join()


def test_race_builtin_method_as_target():
    xs = []
    one = threading.Thread(target=xs.append, args=(1,))
    two = threading.Thread(target=xs.append, args=(2,))
    one.start()
    two.start()
    one.join()
    two.join()


def test_norace_condition():
    box, condition = Box(), threading.Condition()

    def one():
        with condition:
            increment(box)
            condition.notify_all()

    def two():
        with condition:
            condition.wait_for(lambda: box.value > 0)
        with condition:
            increment(box)

    together(one, two)


def test_norace_bounded_semaphore_of_one():
    box, semaphore = Box(), threading.BoundedSemaphore(1)

    def one():
        with semaphore:
            increment(box)

    together(one, one)


def test_race_event_set_after():
    box, event = Box(), threading.Event()

    def one():
        event.set()
        increment(box)

    def two():
        event.wait()
        increment(box)

    together(one, two)


def test_norace_barrier_both_ways():
    a, b, barrier = Box(), Box(), threading.Barrier(2)

    def one():
        increment(a)
        barrier.wait()
        increment(b)

    def two():
        barrier.wait()
        increment(a)

    together(one, two)


def test_race_barrier_after():
    box, barrier = Box(), threading.Barrier(2)

    def one():
        barrier.wait()
        increment(box)

    together(one, one)


def test_norace_timer():
    box = Box()
    increment(box)
    timer = threading.Timer(0.0, increment, [box])
    timer.start()
    timer.join()
    increment(box)


def test_norace_local():
    local = threading.local()

    def one():
        local.n = 1
        local.n += 1

    together(one, one)


def test_norace_lock_try():
    box, lock = Box(), threading.Lock()

    def one():
        while not lock.acquire(False):
            pass
        increment(box)
        lock.release()

    together(one, one)


def test_norace_queues():
    for kind in (queue.Queue, queue.LifoQueue, queue.PriorityQueue, queue.SimpleQueue):
        box, q = Box(), kind()

        def one(box=box, q=q):
            increment(box)
            q.put((1, "x"))

        def two(box=box, q=q):
            q.get()
            increment(box)

        together(one, two)


def test_norace_queue_nowait():
    box, q = Box(), queue.Queue()

    def one():
        increment(box)
        q.put_nowait("item")

    def two():
        while True:
            try:
                q.get_nowait()
                break
            except queue.Empty:
                pass
        increment(box)

    together(one, two)


def test_race_queue_after_put():
    box, q = Box(), queue.Queue()

    def one():
        q.put("item")
        increment(box)

    def two():
        q.get()
        increment(box)

    together(one, two)


def test_norace_task_done_join():
    box, q = Box(), queue.Queue()
    q.put("item")

    def one():
        q.get()
        increment(box)
        q.task_done()

    def two():
        q.join()
        increment(box)

    together(one, two)


def test_norace_submit_and_result():
    box = Box()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        increment(box)
        pool.submit(increment, box).result()
        increment(box)


def test_race_submitted_twice():
    box = Box()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        pool.submit(increment, box)
        pool.submit(increment, box)


def test_norace_shutdown():
    box = Box()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        pool.submit(increment, box)
    increment(box)


def test_norace_futures_wait():
    box = Box()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done, _ = concurrent.futures.wait([pool.submit(increment, box)])
        increment(box)
        assert len(done) == 1


def test_norace_as_completed():
    boxes = [Box(), Box()]

    def work(box):
        increment(box)
        return box

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for future in concurrent.futures.as_completed([pool.submit(work, box) for box in boxes]):
            increment(future.result())


def test_norace_done_callback():
    box = Box()

    def work():
        increment(box)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        increment(box)
        future = pool.submit(work)
        future.add_done_callback(lambda future: increment(box))


def test_norace_pool_map():
    boxes = [Box() for _ in range(4)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(increment, boxes))
        for box in boxes:
            increment(box)


def test_race_pool_map():
    box = Box()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda b: increment(b), [box, box]))


def test_norace_to_thread():
    box = Box()

    async def main():
        increment(box)
        await asyncio.to_thread(increment, box)
        increment(box)

    asyncio.run(main())


def test_norace_run_in_executor():
    box = Box()

    async def main():
        increment(box)
        await asyncio.get_running_loop().run_in_executor(None, increment, box)
        increment(box)

    asyncio.run(main())


def test_norace_call_soon_threadsafe():
    box = Box()

    async def main():
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def work():
            increment(box)
            loop.call_soon_threadsafe(done.set)

        thread = threading.Thread(target=work)
        thread.start()
        await done.wait()
        increment(box)
        thread.join()

    asyncio.run(main())


def test_norace_run_coroutine_threadsafe():
    box = Box()

    async def add():
        increment(box)

    async def main():
        loop = asyncio.get_running_loop()

        def work():
            increment(box)
            asyncio.run_coroutine_threadsafe(add(), loop).result()
            increment(box)

        await asyncio.to_thread(work)

    asyncio.run(main())


def test_norace_tasks_of_one_loop():
    box = Box()

    async def main():
        async def work():
            increment(box)
            await asyncio.sleep(0)
            increment(box)

        await asyncio.gather(work(), work())

    asyncio.run(main())


def test_norace_os_pipe():
    box = Box()
    r, w = os.pipe()

    def one():
        increment(box)
        os.write(w, b"x")

    def two():
        os.read(r, 1)
        increment(box)

    together(one, two)
    os.close(r)
    os.close(w)


def test_race_os_pipe_after():
    box = Box()
    r, w = os.pipe()

    def one():
        os.write(w, b"x")
        increment(box)

    def two():
        os.read(r, 1)
        increment(box)

    together(one, two)
    os.close(r)
    os.close(w)


def test_norace_socket():
    box = Box()
    a, b = socket.socketpair()

    def one():
        increment(box)
        a.sendall(b"x")

    def two():
        b.recv(1)
        increment(box)

    together(one, two)
    a.close()
    b.close()


def test_norace_file():
    box = Box()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "f")

        def one():
            increment(box)
            with open(path, "w") as file:
                file.write("x")

        def two():
            while True:
                if os.path.exists(path):
                    with open(path) as file:
                        if file.read() == "x":
                            break
            increment(box)

        together(one, two)


def test_norace_thread_and_goroutine_lock():
    box, lock = Box(), threading.Lock()

    def one():
        with lock:
            increment(box)

    both(one, one)
