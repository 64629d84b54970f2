"""Queues, barriers, locks used as signals, pools and imports: exactly what they order, and no more."""

import _thread
import concurrent.futures
import functools
import importlib
import multiprocessing.pool
import queue
import sys
import tempfile
import threading
from pathlib import Path

from racing import Box, both, together


def increment(box):
    box.value += 1


# -- queues --


def test_norace_equal_items_of_two_producers():
    q, boxes = queue.Queue(), {}
    for name in "ab":
        boxes[name] = Box()

    def produce(name):
        increment(boxes[name])
        q.put(name)

    def consume():
        for _ in "ab":
            increment(boxes[q.get()])

    together(lambda: produce("a"), lambda: produce("b"), consume)


def test_norace_priority_queue():
    q, box = queue.PriorityQueue(), Box()

    def produce():
        increment(box)
        q.put((1, "x"))

    def consume():
        q.get()
        increment(box)

    together(produce, consume)


def test_norace_lifo_queue():
    q, one, two = queue.LifoQueue(), Box(), Box()

    def first():
        increment(one)
        q.put(1)
        increment(two)
        q.put(1)

    def second():
        q.get()
        q.get()
        increment(two)
        increment(one)

    together(first, second)


def test_race_item_put_before_the_access():
    q, box = queue.Queue(), Box()

    def first():
        q.put(1)
        increment(box)
        q.put(2)

    def second():
        q.get()
        increment(box)

    together(first, second)


def test_race_get_does_not_order_an_unbounded_put():
    q, box = queue.Queue(), Box()
    q.put(0)

    def first():
        increment(box)
        q.get()

    def second():
        q.put(1)
        increment(box)

    together(first, second)


def test_norace_bounded_queue_as_lock():
    slot, box = queue.Queue(1), Box()

    def work():
        for _ in range(3):
            slot.put(None)
            increment(box)
            slot.get()

    together(work, work)


def test_norace_queue_of_tokens():
    tokens, box = queue.Queue(), Box()
    tokens.put("token")

    def work():
        for _ in range(3):
            token = tokens.get()
            increment(box)
            tokens.put(token)

    together(work, work)


def test_norace_queue_subclass_with_its_own_storage():
    class Unique(queue.Queue):
        def _init(self, maxsize):
            self.queue = dict()

        def _put(self, item):
            self.queue[item.lower()] = None

        def _get(self):
            return self.queue.popitem()[0]

    q, box = Unique(), Box()

    def first():
        increment(box)
        q.put("A")

    def second():
        q.get()
        increment(box)

    together(first, second)


def test_norace_simple_queue_from_many():
    q, boxes = queue.SimpleQueue(), [Box() for _ in range(3)]

    def produce(n):
        increment(boxes[n])
        q.put(n)

    def consume():
        for _ in range(3):
            increment(boxes[q.get()])

    together(*[functools.partial(produce, n) for n in range(3)], consume)


def test_race_simple_queue_orders_only_its_item():
    q, box = queue.SimpleQueue(), Box()

    def first():
        q.put("first")
        increment(box)

    def second():
        q.get()
        increment(box)

    together(first, second)


def test_norace_join_after_task_done():
    q, results = queue.Queue(), {}
    for n in range(4):
        results[n] = None
        q.put(n)

    def work():
        while True:
            try:
                n = q.get_nowait()
            except queue.Empty:
                return
            results[n] = n * n
            q.task_done()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    q.join()
    sum(results.values())
    for thread in threads:
        thread.join()


# -- barriers, locks, events --


def test_norace_barrier_rounds():
    cells, barrier = [0, 0], threading.Barrier(2)

    def work(me):
        for _ in range(3):
            cells[me] += 1
            barrier.wait()
            cells[1 - me]
            barrier.wait()

    together(lambda: work(0), lambda: work(1))


def test_race_barrier_without_a_second_round():
    "list[1]"
    cells, barrier = [0, 0], threading.Barrier(2)

    def first():
        barrier.wait()
        cells[1] = 1

    def second():
        barrier.wait()
        cells[1] = 2

    together(first, second)


def test_norace_barrier_action():
    boxes = [Box(), Box(), Box()]

    def act():
        boxes[2].value = boxes[0].value + boxes[1].value

    barrier = threading.Barrier(2, act)

    def work(me):
        increment(boxes[me])
        barrier.wait()
        return boxes[2].value

    together(lambda: work(0), lambda: work(1))


def test_norace_lock_as_signal():
    box, signal = Box(), threading.Lock()
    signal.acquire()

    def first():
        increment(box)
        signal.release()

    def second():
        signal.acquire()
        increment(box)

    together(first, second)


def test_race_lock_that_was_not_got():
    box, lock, done = Box(), threading.Lock(), threading.Event()
    lock.acquire()
    increment(box)

    def second():
        if not lock.acquire(blocking=False):
            increment(box)

    thread = threading.Thread(target=second)
    thread.start()
    increment(box)
    thread.join()
    lock.release()


def test_norace_rlock_and_condition_of_it():
    box, lock = Box(), threading.RLock()
    condition = threading.Condition(lock)
    ready = []

    def first():
        with lock, lock:
            increment(box)
            ready.append(1)
            condition.notify()

    def second():
        with condition, lock:
            while not ready:
                condition.wait()
            increment(box)

    together(first, second)


def test_norace_condition_of_a_lock():
    box, condition = Box(), threading.Condition(threading.Lock())
    ready = []

    def first():
        with condition:
            ready.append(1)
            increment(box)
            condition.notify_all()

    def second():
        with condition:
            condition.wait_for(lambda: ready)
            increment(box)

    together(first, second)


def test_norace_semaphore_as_signal():
    box, signal = Box(), threading.Semaphore(0)

    def first():
        increment(box)
        signal.release()

    def second():
        signal.acquire()
        increment(box)

    together(first, second)


def test_race_semaphore_of_two():
    box, semaphore, inside = Box(), threading.Semaphore(2), threading.Barrier(2)

    def work():
        with semaphore:
            inside.wait()
            increment(box)

    together(work, work)


def test_race_event_not_waited_for():
    box, event = Box(), threading.Event()

    def first():
        increment(box)
        event.set()

    def second():
        increment(box)

    together(first, second)


# -- threads --


def test_norace_is_alive():
    box = Box()
    thread = threading.Thread(target=increment, args=(box,))
    thread.start()
    while thread.is_alive():
        pass
    increment(box)


def test_norace_thread_started_by_thread():
    box = Box()

    def outer():
        increment(box)
        inner = threading.Thread(target=increment, args=(box,))
        inner.start()
        inner.join()
        increment(box)

    outer_thread = threading.Thread(target=outer)
    outer_thread.start()
    outer_thread.join()
    increment(box)


def test_race_daemon_thread():
    box, go = Box(), threading.Event()

    def work():
        box.value += 1
        go.set()

    threading.Thread(target=work, daemon=True).start()
    box.value += 1
    go.wait()


def test_norace_plain_threads_with_a_lock():
    box, lock, done = Box(), _thread.allocate_lock(), threading.Semaphore(0)

    def work():
        with lock:
            increment(box)
        done.release()

    for _ in range(2):
        _thread.start_new_thread(work, ())
    done.acquire()
    done.acquire()
    increment(box)


def test_race_plain_threads():
    box, done = Box(), threading.Semaphore(0)

    def work():
        box.value += 1
        done.release()

    for _ in range(2):
        _thread.start_new_thread(work, ())
    done.acquire()
    done.acquire()


# -- pools and futures --


def test_norace_thread_pool_of_multiprocessing():
    box, doubled = Box(), {}
    for n in range(4):
        doubled[n] = 0

    def work(n):
        doubled[n] = 2 * n
        return doubled[n]

    with multiprocessing.pool.ThreadPool(2) as pool:
        pool.map(work, range(4))
        sum(doubled.values())
        pool.apply_async(increment, (box,)).get()
        increment(box)


def test_race_tasks_of_a_pool_of_one():
    box = Box()

    def work():
        box.value += 1

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(work)
        pool.submit(work)


def test_norace_tasks_in_a_chain():
    box = Box()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for _ in range(3):
            pool.submit(increment, box).result()


def test_race_result_of_another_future():
    box = Box()

    def work():
        box.value += 1

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        one, two = pool.submit(work), pool.submit(int)
        two.result()
        box.value += 1


def test_norace_cancelled_future():
    box, future = Box(), concurrent.futures.Future()

    def first():
        increment(box)
        future.cancel()

    def second():
        while not future.cancelled():
            pass
        increment(box)

    together(first, second)


def test_norace_exception_of_future():
    box, future = Box(), concurrent.futures.Future()

    def first():
        increment(box)
        future.set_exception(KeyError())

    def second():
        future.exception()
        increment(box)

    together(first, second)


def test_norace_initializer_of_a_pool():
    box = Box()

    with concurrent.futures.ThreadPoolExecutor(1, initializer=increment, initargs=(box,)) as pool:
        list(pool.map(lambda n: box.value, range(3)))


# -- imports --

MODULE = """
table = {}
state = 0
table["a"] = 1
state = 1


def look():
    return state, table["a"]


def change():
    global state
    state += 1
"""


def imported(body):
    """Runs bodies in threads that import a module nobody has imported yet."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "fresh_module.py").write_text(MODULE)
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        try:
            together(body, body)
        finally:
            sys.path.remove(folder)
            sys.modules.pop("fresh_module", None)


def test_norace_import_in_two_threads():
    def body():
        import fresh_module

        fresh_module.look()
        fresh_module.state

    imported(body)


def test_norace_from_import_in_two_threads():
    def body():
        from fresh_module import look, table

        look()
        table["a"]

    imported(body)


def test_norace_import_module_in_two_threads():
    def body():
        importlib.import_module("fresh_module").look()

    imported(body)


def test_race_state_of_an_imported_module():
    "global state of fresh_module"

    def body():
        import fresh_module

        fresh_module.change()

    imported(body)


# -- what the library does with what it is given --


def test_norace_reduce_from_an_initial_container():
    import operator

    assert functools.reduce(operator.getitem, ["a", "b"], {"a": {"b": 7}}) == 7
    assert functools.reduce(operator.add, [[1], [2]], [0]) == [0, 1, 2]


def test_race_chain_from_iterable():
    import itertools

    rows = [[1], [2]]

    def read():
        return list(itertools.chain.from_iterable(rows))

    together(read, lambda: rows.append([3]))


def test_norace_what_tasks_keep_in_their_thread():
    local = threading.local()

    def work(n):
        if not hasattr(local, "cache"):
            local.cache = {}
        local.cache[n % 2] = n

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(8)))


def test_race_tasks_that_keep_nothing_in_their_thread():
    table = {}

    def work(n):
        table[n % 2] = n

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(8)))
