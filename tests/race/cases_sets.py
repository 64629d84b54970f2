"""Sets, bytearrays, arrays, deques; generators; calls through other functions."""

import array
import collections
import functools
import itertools
import operator

import gofer
from racing import Box, both, drain, together


def test_race_set_add():
    """set (structure)"""
    s = set()
    both(lambda: s.add(1), lambda: s.add(2))


def test_race_set_discard():
    s = {1, 2}
    both(lambda: s.discard(1), lambda: 2 in s)


def test_race_set_remove_pop():
    s = {1, 2}
    both(lambda: s.remove(1), lambda: len(s))


def test_race_set_pop():
    s = {1, 2, 3}
    both(lambda: s.pop(), lambda: s.pop())


def test_race_set_update():
    s = {1}
    both(lambda: s.update([2]), lambda: list(s))


def test_race_set_in_place():
    s = {1}

    def one():
        mine = s
        mine |= {2}

    both(one, lambda: len(s))


def test_race_set_union():
    s = {1}
    both(lambda: s.add(2), lambda: s | {3})


def test_race_set_union_method():
    s = {1}
    both(lambda: s.add(2), lambda: {3}.union(s))


def test_race_set_subset():
    s = {1}
    both(lambda: s.add(2), lambda: {1} <= s)


def test_race_set_loop():
    s = {1}

    def look():
        for _ in s:
            pass

    both(look, lambda: s.add(2))


def test_race_set_clear():
    s = {1}
    both(lambda: s.clear(), lambda: sorted(s))


def test_norace_set_reads():
    s = {1, 2}
    both(lambda: 1 in s, lambda: len(s), lambda: sorted(s), lambda: s | {4}, lambda: drain(s))


def test_norace_frozenset():
    s = frozenset([1])
    both(lambda: 1 in s, lambda: s | {2})


def test_race_bytearray_element():
    """bytearray[0]"""
    b = bytearray(4)

    def one():
        b[0] = 1

    both(one, lambda: b[0])


def test_norace_bytearray_elements():
    b = bytearray(4)

    def one(i):
        b[i] = 1

    both(lambda: one(0), lambda: one(1))


def test_race_bytearray_extend():
    b = bytearray(4)
    both(lambda: b.extend(b"x"), lambda: len(b))


def test_race_bytearray_bytes():
    b = bytearray(4)

    def one():
        b[0] = 1

    both(one, lambda: bytes(b))


def test_race_bytearray_slice():
    b = bytearray(4)

    def one():
        b[0:2] = b"ab"

    both(one, lambda: b[1])


def test_norace_bytearray_slices():
    b = bytearray(4)

    def one():
        b[0:2] = b"ab"

    def two():
        b[2:4] = b"cd"

    both(one, two)


def test_race_array_element():
    """array[1]"""
    a = array.array("i", [0, 0])

    def one():
        a[1] += 1

    both(one, one)


def test_race_array_append():
    a = array.array("i")
    both(lambda: a.append(1), lambda: a.append(2))


def test_norace_array_elements():
    a = array.array("i", [0, 0])

    def one(i):
        a[i] += 1

    both(lambda: one(0), lambda: one(1))


def test_race_array_tolist():
    a = array.array("i", [0, 0])

    def one():
        a[1] = 1

    both(one, lambda: a.tolist())


def test_norace_deque_synchronised():
    d = collections.deque([1, 2, 3])
    both(lambda: d.append(1), lambda: d.appendleft(2), lambda: d.pop(), lambda: d.popleft())


def test_norace_deque_hands_over():
    d = collections.deque()
    ready = gofer.Chan(1)
    box = Box()

    def one():
        box.value = 1
        d.append(box)
        ready.send(1)

    def two():
        ready.recv()
        d.popleft().value += 1

    both(one, two)


def test_race_deque_element():
    d = collections.deque([1, 2])

    def one():
        d[0] = 5

    both(one, lambda: d[0])


def test_race_deque_loop():
    d = collections.deque([1, 2])

    def look():
        for _ in d:
            pass

    both(look, lambda: d.rotate(1))


def test_race_deque_extend():
    d = collections.deque([1, 2])
    both(lambda: d.extend([1]), lambda: d.extend([2]))


def test_race_deque_clear():
    d = collections.deque([1, 2])
    both(lambda: d.clear(), lambda: len(d))


def test_race_generator_next():
    """generator"""

    def make():
        while True:
            yield 1

    gen = make()
    both(lambda: next(gen), lambda: next(gen))


def test_race_generator_loop():
    def make():
        yield 1
        yield 2
        yield 3

    gen = make()

    def look():
        for _ in gen:
            break

    both(look, look)


def test_race_generator_send():
    def make():
        while True:
            yield 1

    gen = make()
    next(gen)
    both(lambda: gen.send(None), lambda: gen.send(None))


def test_race_generator_list():
    gen = (k for k in range(3))
    both(lambda: list(gen), lambda: next(gen, None))


def test_norace_generators():
    def make():
        yield 1

    both(lambda: list(make()), lambda: list(make()))


def test_norace_generator_handed_over():
    def make():
        yield 1
        yield 2

    gen, ch = make(), gofer.Chan()

    def one():
        next(gen)
        ch.send(gen)

    def two():
        next(ch.recv())

    both(one, two)


def test_race_yield_from():
    xs = [1, 2]

    def make():
        yield from xs

    both(lambda: list(make()), lambda: xs.append(3))


def test_race_partial():
    xs = []
    push = functools.partial(xs.append)
    both(lambda: push(1), lambda: push(2))


def test_race_partial_with_argument():
    xs = []
    push = functools.partial(xs.append, 1)
    both(push, push)


def test_race_bound_method_variable():
    xs = []
    push = xs.append
    both(lambda: push(1), lambda: push(2))


def test_race_bound_method_parameter():
    xs = []

    def run(f):
        f(1)

    both(lambda: run(xs.append), lambda: run(xs.append))


def test_race_bound_method_attribute():
    xs = []
    box = Box()
    box.push = xs.append
    both(lambda: box.push(1), lambda: box.push(2))


def test_race_bound_method_in_dict():
    xs = []
    table = {"push": xs.append}
    both(lambda: table["push"](1), lambda: table["push"](2))


def test_race_getattr_method():
    xs = []
    both(lambda: getattr(xs, "append")(1), lambda: getattr(xs, "append")(2))


def test_race_unbound_method():
    xs = []
    both(lambda: list.append(xs, 1), lambda: list.append(xs, 2))


def test_race_map_method():
    xs = []
    both(lambda: list(map(xs.append, [1])), lambda: list(map(xs.append, [2])))


def test_race_map_source():
    xs = [1]
    both(lambda: list(map(str, xs)), lambda: xs.append(1))


def test_race_filter_source():
    xs = [1]
    both(lambda: list(filter(None, xs)), lambda: xs.append(1))


def test_race_zip_source():
    xs = [1]
    both(lambda: list(zip([1], xs)), lambda: xs.append(1))


def test_race_enumerate_source():
    xs = [1]

    def look():
        for _i, _x in enumerate(xs):
            pass

    both(look, lambda: xs.append(1))


def test_race_reversed_source():
    xs = [1]
    both(lambda: list(reversed(xs)), lambda: xs.append(1))


def test_race_join():
    xs = ["a"]
    both(lambda: "".join(xs), lambda: xs.append("b"))


def test_race_any_all_min_max_sum():
    xs = [1, 2]

    def one():
        xs[0] = 4

    both(one, lambda: any(xs))
    both(one, lambda: all(xs))
    both(one, lambda: min(xs))
    both(one, lambda: max(xs))
    both(one, lambda: sum(xs))


def test_race_tuple_list_set_of():
    xs = [1, 2]

    def one():
        xs[0] = 4

    both(one, lambda: tuple(xs))
    both(one, lambda: set(xs))
    both(one, lambda: list(xs))


def test_race_print():
    import io

    xs = [1, 2]
    both(lambda: print(xs, file=io.StringIO()), lambda: xs.append(4))


def test_race_operator_getitem():
    xs = [1, 2]
    both(lambda: operator.getitem(xs, 0), lambda: operator.setitem(xs, 0, 3))


def test_race_operator_itemgetter():
    d = {"a": 1}

    def one():
        d["a"] = 2

    get = operator.itemgetter("a")
    both(one, lambda: get(d))


def test_race_operator_contains():
    xs = [1]
    both(lambda: operator.contains(xs, 3), lambda: xs.append(2))


def test_race_reduce():
    xs = [1]
    both(lambda: functools.reduce(operator.add, xs), lambda: xs.append(2))


def test_race_from_imported():
    from heapq import heappush as push

    heap = [1]
    both(lambda: push(heap, 2), lambda: heap[0])


def test_race_count():
    xs = [1]
    both(lambda: xs.append(1), lambda: list(itertools.islice(xs, 1)))


def test_race_lru_cache_is_not_program_state():
    calls = [0]

    @functools.lru_cache
    def work(n):
        calls[0] += 1
        return n

    both(lambda: work(1), lambda: work(2))


def test_norace_lru_cache():
    @functools.lru_cache
    def work(n):
        return n

    both(lambda: work(1), lambda: work(1))


def test_norace_immutable():
    text, numbers = "abc", (1, 2, 3)
    both(lambda: text[0], lambda: numbers[1:], lambda: sorted(numbers), lambda: "a" in text)


def test_race_sort_key_reads():
    box, xs = Box(), [1, 2]

    def one():
        box.value = 1

    both(one, lambda: sorted(xs, key=lambda x: box.value))
