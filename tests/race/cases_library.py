"""What the library does with the program's objects: caches, copies, dumps, weak references, semaphores, asyncio."""

import array
import asyncio
import collections
import concurrent.futures
import copy
import dataclasses
import enum
import functools
import itertools
import json
import logging
import math
import operator
import os
import pickle
import statistics
import tempfile
import threading
import time
import types
import weakref

from racing import Box, Pair, Point, Slotted, both, in_turn, together

import gofer
from gofer import runtime, sync


def renew(box):
    box.value = 1


def test_norace_cached_result():
    @functools.lru_cache
    def made(n):
        box = Box()
        box.value = n
        box.other = [n]
        box.other.append(n)
        return box

    in_turn(lambda: made(1), lambda: (made(1).value, list(made(1).other)))


def test_norace_cached_result_of_threads():
    @functools.cache
    def made(n):
        return [n]

    together(lambda: made(1)[0], lambda: made(1)[0])


def test_norace_cached_method():
    class Maker:
        @functools.lru_cache(maxsize=2)  # noqa: B019
        def made(self, n, *, more=0):
            return [n + more]

    maker = Maker()
    in_turn(lambda: maker.made(1, more=2), lambda: maker.made(1, more=2)[0], lambda: maker.made.__call__(1, more=2)[0])


def test_race_cached_result_changed_later():
    """list (structure)"""

    @functools.cache
    def made(n):
        return [n]

    both(lambda: made(1).append(2), lambda: made(1).append(3))


def test_race_cached_other_key():
    box = Box()

    @functools.cache
    def made(n):
        box.value = n
        return [n]

    in_turn(lambda: made(1), lambda: made(2))


def test_race_cached_uncached():
    """Box.value"""
    box = Box()

    @functools.lru_cache(maxsize=0)
    def made(n):
        box.value = n

    in_turn(lambda: made(1), lambda: made(1))


def test_race_cached_written_after_call():
    box = Box()

    @functools.cache
    def made():
        return box

    def first():
        made()
        box.value = 1

    in_turn(first, lambda: made().value)


def test_norace_cache_is_as_ever():
    @functools.lru_cache(maxsize=2)
    def power(n, exponent=2):
        """Powers."""
        return n**exponent

    assert [power(3), power(3), power(2, exponent=3), power(n=5)] == [9, 9, 8, 25]
    assert power.cache_info() == (1, 3, 2, 2)
    assert power.__wrapped__(4) == 16
    assert power.__call__(3) == 9
    assert (power.__name__, power.__doc__) == ("power", "Powers.")
    assert type(power) is functools._lru_cache_wrapper
    assert copy.copy(power) is power
    power.cache_clear()
    assert power.cache_info().currsize == 0

    @functools.cache
    def depth(n):
        return 0 if n == 0 else 1 + depth(n - 1)

    assert depth(300) == 300

    @functools.cache
    def failing():
        raise ValueError("not kept")

    for _ in range(2):
        try:
            failing()
        except ValueError as error:
            assert error.__traceback__.tb_next.tb_frame.f_code.co_name == "failing"


def test_race_copy_of_an_object():
    """Box.value"""
    box = Box()
    in_turn(lambda: copy.copy(box), lambda: renew(box))


def test_race_deepcopy_of_what_it_holds():
    """list (structure)"""
    box = Box()
    box.other = {"a": [1]}
    in_turn(lambda: box.other["a"].append(2), lambda: copy.deepcopy(box))


def test_race_deepcopy_of_slots():
    """Slotted.x"""
    thing = Slotted()
    thing.x = 1

    def change():
        thing.x = 2

    in_turn(lambda: copy.deepcopy([thing]), change)


def test_norace_copy_is_shallow():
    box = Box()
    box.other = [1]
    in_turn(lambda: copy.copy(box), lambda: box.other.append(2))


def test_race_json_of_what_it_holds():
    """list (structure)"""
    data = {"rows": [[1], [2]]}
    in_turn(lambda: json.dumps(data), lambda: data["rows"][1].append(3))


def test_race_pickle_of_an_object():
    """Point.x"""
    point = Point()

    def change():
        point.x = 1

    in_turn(lambda: pickle.dumps([point]), change)


def test_race_asdict():
    """Point.y"""
    point = Point()

    def change():
        point.y = 1

    in_turn(change, lambda: dataclasses.asdict(point))


def test_race_asdict_of_what_it_holds():
    @dataclasses.dataclass
    class Holder:
        points: list

    holder = Holder([Point()])

    def change():
        holder.points[0].y = 1

    in_turn(lambda: dataclasses.asdict(holder), change)


def test_race_dataclass_replace():
    point = Point()

    def change():
        point.y = 1

    in_turn(change, lambda: dataclasses.replace(point, x=2))


def test_norace_asdict_of_no_field():
    point = Point()
    point.extra = 0

    def change():
        point.extra = 1

    in_turn(change, lambda: dataclasses.astuple(point))


def test_race_statistics():
    numbers = [1, 2, 3]
    in_turn(lambda: statistics.mean(numbers), lambda: numbers.append(4))


def test_race_math():
    numbers = [1, 2, 3]
    in_turn(lambda: numbers.append(4), lambda: math.prod(numbers))


def test_race_array_of_a_list():
    numbers = [1, 2, 3]
    in_turn(lambda: numbers.append(4), lambda: array.array("i", numbers))


def test_race_format_map():
    """dict['a']"""
    names = {"a": 1}

    def change():
        names["a"] = 2

    in_turn(change, lambda: "{a}".format_map(names))


def test_race_bytearray_decoded():
    data = bytearray(b"ab")
    in_turn(lambda: data.decode(), lambda: data.append(99))


def test_race_bytearray_compared():
    data = bytearray(b"ab")
    in_turn(lambda: data == b"ab", lambda: data.append(99))


def test_race_bytearray_added():
    data = bytearray(b"ab")
    in_turn(lambda: data.append(99), lambda: b"x" + data)


def test_race_weak_proxy():
    """Box.value"""
    box = Box()
    proxy = weakref.proxy(box)
    in_turn(lambda: renew(proxy), lambda: box.value)


def test_norace_weak_proxy_of_another():
    boxes = [Box(), Box()]
    in_turn(lambda: renew(weakref.proxy(boxes[0])), lambda: weakref.proxy(boxes[1]).value)


def test_norace_dead_proxy():
    proxy = weakref.proxy(Box())

    def look():
        try:
            proxy.value
        except ReferenceError:
            pass

    both(look, look)


def test_race_exception_deleted():
    """closure variable error of test_race_exception_deleted()"""
    over = gofer.Chan()

    def look():
        try:
            error.args
        except NameError:
            pass
        over.send(1)

    try:
        raise ValueError("x")
    except ValueError as error:
        gofer.go(look)
    over.recv()


def test_race_two_in_a_semaphore():
    """Box.value"""
    box, places = Box(), threading.Semaphore(2)

    def work():
        with places:
            box.value += 1

    together(work, work)


def test_race_two_in_a_bounded_semaphore():
    box, places = Box(), threading.BoundedSemaphore(value=2)

    def work():
        places.acquire()
        box.value += 1
        places.release()

    in_turn(work, work)


def test_norace_all_places_of_a_semaphore():
    box, places = [0, 0, 0], threading.Semaphore(3)

    def work(n):
        with places:
            box[n] = 1

    def last():
        for _ in range(3):
            places.acquire()
        sum(box)

    in_turn(lambda: work(0), lambda: work(1), lambda: work(2), last)


def test_norace_semaphore_released_several():
    box, places = Box(), threading.Semaphore(0)

    def give():
        renew(box)
        places.release(2)

    def take():
        places.acquire()
        box.value

    together(take, take, give)


def test_norace_semaphore_released_too_often():
    box, places = Box(), threading.BoundedSemaphore(1)

    def work():
        with places:
            box.value += 1

    try:
        places.release()
    except ValueError:
        pass
    together(work, work)


def test_race_executor_of_a_loop():
    """Box.value"""
    box, gate = Box(), threading.Lock()

    def late():
        while not gate.locked():
            time.sleep(0)
        box.value = 1

    async def main():
        task = asyncio.get_running_loop().run_in_executor(None, late)
        box.value = 2
        gate.acquire()
        await task

    asyncio.run(main())


def test_norace_executor_of_a_loop():
    box = Box()

    async def main():
        await asyncio.get_running_loop().run_in_executor(None, renew, box)
        box.value = 2
        await asyncio.to_thread(renew, box)
        box.value = 3

    asyncio.run(main())


def logger(handler):
    log = logging.Logger("cases")
    log.addHandler(handler)
    return log


def test_norace_handler_of_ones_own():
    class Keeping(logging.Handler):
        def __init__(self):
            super().__init__()
            self.texts = []

        def emit(self, record):
            self.texts.append(record.getMessage())

    log = logger(Keeping())
    together(lambda: log.error("a"), lambda: log.error("b"))


def test_norace_stream_of_ones_own():
    class Lines:
        def __init__(self):
            self.lines = []

        def write(self, text):
            self.lines.append(text)

        def flush(self):
            pass

    log = logger(logging.StreamHandler(Lines()))
    together(lambda: log.error("a"), lambda: log.error("b"))


def test_race_logging_orders_nothing():
    """Box.value"""
    box, log = Box(), logger(logging.NullHandler())

    def work():
        log.error("x")
        box.value += 1
        log.error("y")

    together(work, work)


def test_race_method_started():
    """list (structure)"""
    items = []
    gofer.go(items.append, 1)
    runtime.gosched()
    items.append(2)


def test_race_method_started_in_group():
    """list (structure)"""
    items, group = [], sync.WaitGroup()
    group.go(items.append, 1)
    group.go(items.append, 2)
    group.wait()


def test_norace_method_started_and_waited_for():
    items, group = [], sync.WaitGroup()
    group.go(items.append, 1)
    group.wait()
    group.go(items.append, 2)
    group.wait()


def test_race_method_submitted():
    """set (structure)"""
    numbers = set()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        pool.submit(numbers.add, 1)
        pool.submit(numbers.add, 2)


def test_race_method_of_timer():
    """dict (structure)"""
    names = {}
    timer = threading.Timer(0, names.update, ({"a": 1},))
    timer.start()
    names.update(b=2)
    timer.join()


def test_race_key_function():
    """Box.value"""
    boxes = [Box(), Box()]
    in_turn(lambda: sorted(boxes, key=operator.attrgetter("value")), lambda: renew(boxes[1]))


def test_race_sort_key_function():
    """list[0]"""
    rows = [[1], [2]]

    def change():
        rows[1][0] = 3

    in_turn(change, lambda: rows.sort(key=operator.itemgetter(0)))


def test_norace_key_function():
    boxes = [Box(), Box()]
    in_turn(lambda: max(boxes, key=operator.attrgetter("other")), lambda: renew(boxes[1]))


class Fruit(enum.StrEnum):
    APPLE = "apple"
    PEAR = "pear"


class Size(enum.IntEnum):
    SMALL = 1
    LARGE = 2


def test_race_text_enum_key():
    """dict['apple']"""
    prices = {Fruit.APPLE: 1, Fruit.PEAR: 2}

    def change():
        prices[Fruit.APPLE] = 3

    in_turn(change, lambda: prices["apple"])


def test_race_number_enum_key():
    """dict[2]"""
    prices = {1: 1, 2: 2}

    def change():
        prices[Size.LARGE] = 3

    in_turn(lambda: prices[2], change)


def test_race_number_enum_index():
    """list[1]"""
    counts = [0, 0, 0]

    def change():
        counts[Size.SMALL] += 1

    in_turn(change, lambda: counts[1])


def test_norace_number_enum_indices():
    counts = [0, 0, 0]

    def change(size):
        counts[size] += 1

    in_turn(lambda: change(Size.SMALL), lambda: change(Size.LARGE))


def test_norace_enum_keys():
    prices = {Fruit.APPLE: 1, Fruit.PEAR: 2, Size.SMALL: 1, Size.LARGE: 2}

    def change():
        prices[Fruit.APPLE] = prices[Size.SMALL] = 3

    in_turn(change, lambda: prices["pear"], lambda: prices[2])


def test_race_named_tuple_key():
    places = {Pair(1, 2): 0}

    def change():
        places[Pair(1, 2)] = 1

    in_turn(change, lambda: places[(1, 2)])


def test_norace_key_of_a_class_that_compares_otherwise():
    class Loud(str):
        def __hash__(self):
            return str.__hash__(self)

        def __eq__(self, other):
            return other == str(self) + "!"

    names = {"a": 1, "b": 2}

    def change():
        names["a"] = 3

    in_turn(change, lambda: names.get(Loud("b")))


def test_race_match_rest():
    """list[2]"""
    numbers = [1, 2, 3]

    def look():
        match numbers:
            case [_, *rest]:
                return rest

    def change():
        numbers[2] = 9

    in_turn(look, change)


def test_norace_match_unnamed_rest():
    numbers = collections.deque([1, 2, 3])

    def look():
        match numbers:
            case [first, *_]:
                return first

    def change():
        numbers[2] = 9

    in_turn(look, change)


def test_race_joined_bytes():
    items = [b"a"]
    both(lambda: b",".join(items), lambda: items.append(b"b"))


def test_race_translated():
    table = {97: "b"}
    both(lambda: "abc".translate(table), lambda: table.__setitem__(98, "c"))


def test_race_combinations_with_replacement():
    items = [1, 2]
    both(lambda: list(itertools.combinations_with_replacement(items, 2)), lambda: items.append(3))


def test_race_operator_call():
    items = [1]
    both(lambda: operator.call(items.append, 2), lambda: items.append(3))


def test_race_operator_isub():
    items = {1, 2}
    both(lambda: operator.isub(items, {1}), lambda: items.add(3))


def test_race_operator_ixor():
    items = {1, 2}
    both(lambda: operator.ixor(items, {1}), lambda: items.add(3))


def test_race_operator_xor():
    items = {1, 2}
    both(lambda: operator.xor(items, {1}), lambda: items.add(3))


def test_race_operator_imul():
    items = [1]
    both(lambda: operator.imul(items, 2), lambda: items.append(3))


def test_race_partial_of_map():
    items = [1, 2]
    mapped = functools.partial(map, str, items)
    both(lambda: list(mapped()), lambda: items.append(3))


def test_race_copy_of_a_namespace():
    space = types.SimpleNamespace(x=1)
    both(lambda: copy.copy(space), lambda: setattr(space, "x", 2))


def test_norace_pipe_in_parts():
    """What was written to a pipe comes before the read that gets it, however both are called."""
    for write, read in (
        (lambda to: os.writev(to, [b"a", b"b"]), lambda of: os.readv(of, [bytearray(2)])),
        (lambda to: os.write(to, b"ab"), lambda of: os.readv(of, [bytearray(1), bytearray(1)])),
    ):
        box, (ours, theirs) = Box(), os.pipe()

        def first():
            box.value = 1
            write(theirs)

        def second():
            read(ours)
            box.value = 2

        together(first, second)
        os.close(ours)
        os.close(theirs)


def test_norace_sent_file():
    box, (ours, theirs) = Box(), os.pipe()
    with tempfile.TemporaryFile() as file:
        file.write(b"x")
        file.flush()

        def first():
            box.value = 1
            os.sendfile(theirs, file.fileno(), 0, 1)

        def second():
            os.read(ours, 1)
            box.value = 2

        together(first, second)
    os.close(ours)
    os.close(theirs)
