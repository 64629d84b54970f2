# ruff: noqa: B009, C416
"""Programs of plain threads: `test_race_*` must be reported, `test_norace_*` must not."""

import collections
import concurrent.futures
import operator
import queue
import threading

from racing import together

total = 0
config = None


class Box:
    shared = 0

    def __init__(self):
        self.value = 0
        self.other = 0

    @property
    def twice(self):
        return self.value * 2


class Slotted:
    __slots__ = ("value",)


def increment(box):
    box.value += 1


def put(box, value):
    box.value = value


def store(target, key, value=1):
    target[key] = value


def test_race_attribute():
    box = Box()
    together(lambda: increment(box), lambda: increment(box))


def test_race_attribute_read():
    box = Box()
    together(lambda: put(box, 1), lambda: box.value)


def test_race_property():
    box = Box()
    together(lambda: put(box, 1), lambda: box.twice)


def test_race_slot():
    slotted = Slotted()
    together(lambda: put(slotted, 1), lambda: put(slotted, 2))


def test_race_class_variable():
    def add():
        Box.shared += 1

    together(add, add)


def test_race_setattr():
    box = Box()
    together(lambda: setattr(box, "value", 1), lambda: getattr(box, "value"))


def test_race_global():
    def add():
        global total
        total += 1

    together(add, add)


def test_race_lazy_init():
    def init():
        global config
        if config is None:
            config = {}

    together(init, init)


def test_race_closure():
    n = 0

    def add():
        nonlocal n
        n += 1

    together(add, add)


def test_race_append():
    items = []
    together(lambda: items.append(1), lambda: items.append(2))


def test_race_append_read():
    items = [0]
    together(lambda: items.append(1), lambda: items[0])


def test_race_list_negative_index():
    items = [0, 0]
    together(lambda: store(items, 1), lambda: store(items, -1))


def test_race_list_sum():
    items = [0, 0]
    together(lambda: store(items, 0), lambda: sum(items))


def test_race_iteration():
    items = [0, 0]
    together(lambda: store(items, 0), lambda: [item for item in items])


def test_race_len():
    items = []
    together(lambda: items.append(1), lambda: len(items))


def test_race_truth():
    items = []

    def look():
        if items:
            pass

    together(lambda: items.append(1), look)


def test_race_in_place_list():
    items = []

    def add():
        mine = items
        mine += [1]

    together(add, add)


def test_race_dict_new_keys():
    table = {}
    together(lambda: store(table, "a"), lambda: store(table, "b"))


def test_race_dict_same_key():
    table = {"a": 0}
    together(lambda: store(table, "a"), lambda: store(table, "a"))


def test_race_dict_get():
    table = {"a": 0}
    together(lambda: store(table, "a"), lambda: table.get("a"))


def test_race_dict_items():
    table = {"a": 0}
    together(lambda: store(table, "a"), lambda: [value for _, value in table.items()])


def test_race_dict_delete():
    table = {"a": 0}

    def drop():
        del table["a"]

    together(drop, lambda: "a" in table)


def test_race_defaultdict():
    table = collections.defaultdict(int)

    def add():
        table["k"] += 1

    together(add, add)


def test_race_set():
    members = set()
    together(lambda: members.add(1), lambda: members.add(2))


def test_race_set_in():
    members = set()
    together(lambda: members.add(1), lambda: 1 in members)


def test_race_bytearray():
    data = bytearray(4)
    together(lambda: store(data, 0), lambda: store(data, 0))


def test_race_bound_method():
    items = []

    def add():
        push = items.append
        push(1)

    together(add, add)


def test_race_operator():
    table = {"a": 1}
    together(lambda: operator.setitem(table, "a", 1), lambda: operator.setitem(table, "a", 2))


def test_race_two_locks():
    box = Box()
    one, two = threading.Lock(), threading.Lock()

    def add(lock):
        with lock:
            box.value += 1

    together(lambda: add(one), lambda: add(two))


def test_race_queue_does_not_order_puts():
    box = Box()
    items = queue.Queue()

    def add():
        items.put(object())
        box.value += 1

    together(add, add)


def test_race_sorted():
    items = [2, 1]
    together(lambda: items.sort(), lambda: sorted(items))


def test_race_unpacking():
    items = [1, 2]

    def take():
        a, b = items
        return a + b

    together(lambda: store(items, 0), take)


def test_race_compare():
    items, others = [1], [1]
    together(lambda: store(items, 0), lambda: items == others)


def test_race_slice():
    items = [1, 2, 3]
    together(lambda: store(items, 1), lambda: items[0:2])


def test_race_before_join():
    box = Box()
    thread = threading.Thread(target=lambda: put(box, 1))
    thread.start()
    put(box, 2)
    thread.join()


def test_norace_lock():
    box = Box()
    lock = threading.Lock()

    def add():
        with lock:
            box.value += 1

    together(add, add)


def test_norace_rlock():
    box = Box()
    lock = threading.RLock()

    def add():
        with lock, lock:
            box.value += 1

    together(add, add)


def test_norace_join():
    box = Box()
    put(box, 1)
    together(lambda: increment(box))
    increment(box)


def test_norace_attributes():
    box = Box()

    def other():
        box.other += 1

    together(lambda: increment(box), other)


def test_norace_elements():
    items = [0, 0]
    together(lambda: store(items, 0), lambda: store(items, 1))


def test_norace_dict_existing_keys():
    table = {"a": 0, "b": 0}
    together(lambda: store(table, "a"), lambda: store(table, "b"))


def test_norace_reads():
    items = [1, 2]
    together(lambda: sum(items), lambda: [item for item in items])


def test_norace_event():
    box = Box()
    ready = threading.Event()

    def first():
        put(box, 1)
        ready.set()

    def second():
        ready.wait()
        increment(box)

    together(first, second)


def hand_over(items):
    def produce():
        items.put(Box())

    together(produce, lambda: increment(items.get()))


def test_norace_queue():
    hand_over(queue.Queue())


def test_norace_simple_queue():
    hand_over(queue.SimpleQueue())


def test_norace_condition():
    box = Box()
    condition = threading.Condition()

    def first():
        with condition:
            put(box, 1)
            condition.notify()

    def second():
        with condition:
            condition.wait_for(lambda: box.value)

    together(first, second)


def test_norace_semaphore():
    box = Box()
    ready = threading.Semaphore(0)

    def first():
        put(box, 1)
        ready.release()

    def second():
        ready.acquire()
        increment(box)

    together(first, second)


def test_norace_barrier():
    box = Box()
    barrier = threading.Barrier(2)

    def first():
        put(box, 1)
        barrier.wait()

    def second():
        barrier.wait()
        increment(box)

    together(first, second)


def test_norace_future():
    box = Box()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        put(box, 1)
        pool.submit(increment, box).result()
        increment(box)


def test_norace_local():
    local = threading.local()
    together(lambda: put(local, 1), lambda: put(local, 1))


def test_norace_deque():
    items = collections.deque()
    together(lambda: items.append(1), lambda: items.append(2))


def test_norace_address_reuse():
    def work():
        for _ in range(200):
            items = [1]
            items.append(2)
            increment(Box())

    together(work, work)


def test_norace_argument_before_append():
    items = []
    ready = queue.Queue()

    def produce():
        items.append(1)
        ready.put(1)

    together(produce, lambda: items.append(ready.get()))


def test_norace_excepthook_before_join():
    errors = []
    before, threading.excepthook = threading.excepthook, lambda args: errors.append(args.exc_type)
    try:
        thread = threading.Thread(target=operator.truediv, args=(1, 0))
        thread.start()
        thread.join()
        assert errors == [ZeroDivisionError]
    finally:
        threading.excepthook = before


def test_race_excepthooks_of_two_threads():
    errors = []
    before, threading.excepthook = threading.excepthook, lambda args: errors.append(args.exc_type)
    try:
        threads = [threading.Thread(target=operator.truediv, args=(1, 0)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(errors) == 2
    finally:
        threading.excepthook = before
