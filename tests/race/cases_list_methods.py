"""Lists: methods, operators, what the standard library does to them."""

import copy
import heapq
import bisect
import itertools
import operator

from racing import Box, both, drain, together


def test_race_extend():
    xs = []
    both(lambda: xs.extend([1]), lambda: xs.extend([2]))


def test_race_extend_argument():
    xs, ys = [], [1]

    def one():
        ys[0] = 2

    both(one, lambda: xs.extend(ys))


def test_race_insert():
    xs = [1]
    both(lambda: xs.insert(0, 1), lambda: xs[0])


def test_race_pop():
    xs = [1, 2]
    both(lambda: xs.pop(), lambda: xs.pop())


def test_race_pop_element():
    xs = [1, 2]
    both(lambda: xs.pop(), lambda: xs[0])


def test_race_remove():
    xs = [1, 2]
    both(lambda: xs.remove(1), lambda: len(xs))


def test_race_clear():
    xs = [1, 2]
    both(lambda: xs.clear(), lambda: len(xs))


def test_race_sort_read():
    xs = [1, 2]
    both(lambda: xs.sort(), lambda: xs[0])


def test_race_reverse_read():
    xs = [1, 2]
    both(lambda: xs.reverse(), lambda: xs[1])


def test_race_index():
    xs = [1, 2]

    def one():
        xs[0] = 3

    both(one, lambda: xs.index(2))


def test_race_count():
    xs = [1, 2]

    def one():
        xs[0] = 3

    both(one, lambda: xs.count(2))


def test_race_copy():
    xs = [1, 2]

    def one():
        xs[0] = 3

    both(one, lambda: xs.copy())


def test_race_copy_module():
    xs = [1, 2]

    def one():
        xs[0] = 3

    both(one, lambda: copy.copy(xs))


def test_race_in_place_add():
    """list (structure)"""
    xs = []

    def one():
        nonlocal_xs = xs
        nonlocal_xs += [1]

    both(one, one)


def test_race_in_place_add_attribute():
    box = Box()
    box.items = []
    items = box.items

    def one():
        box.items += [1]

    both(one, lambda: len(items))


def test_race_in_place_add_subscript():
    table = [[0]]
    inner = table[0]

    def one():
        table[0] += [1]

    both(one, lambda: len(inner))


def test_race_in_place_multiply():
    xs = [0]

    def one():
        mine = xs
        mine *= 2

    both(one, lambda: len(xs))


def test_race_concatenation():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: xs + [1])


def test_race_concatenation_right():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: [1] + xs)


def test_race_repetition():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: xs * 2)


def test_race_equal():
    xs, ys = [0], [0]

    def one():
        xs[0] = 1

    both(one, lambda: xs == ys)


def test_race_equal_display():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: xs == [0])


def test_race_less():
    xs, ys = [0], [0]

    def one():
        ys[0] = 1

    both(one, lambda: xs < ys)


def test_race_chained_compare():
    xs, ys = [0], [0]

    def one():
        ys[0] = 1

    both(one, lambda: [] < xs <= ys)


def test_norace_identity():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: xs is None)


def test_norace_passing_along():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: Box().__dict__.update(kept=xs))


def test_norace_isinstance():
    xs = [0]

    def one():
        xs.append(1)

    both(one, lambda: isinstance(xs, list), lambda: id(xs), lambda: type(xs))


def test_race_fstring():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: f"{xs}")


def test_race_percent_format():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: "%s" % xs)


def test_race_percent_format_tuple():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: "%s %s" % (xs, 1))


def test_race_str_format():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: "{}".format(xs))


def test_race_heapq():
    heap = [1, 2, 3]
    both(lambda: heapq.heappush(heap, 0), lambda: heapq.heappop(heap))


def test_race_heapq_read():
    heap = [1, 2, 3]
    both(lambda: heapq.heappush(heap, 0), lambda: heap[0])


def test_race_bisect():
    xs = [1, 2, 3]
    both(lambda: bisect.insort(xs, 0), lambda: xs[0])


def test_race_bisect_read():
    xs = [1, 2, 3]

    def one():
        xs[1] = 2

    both(one, lambda: bisect.bisect(xs, 2))


def test_race_random_shuffle():
    import random

    xs = [1, 2, 3]
    both(lambda: random.shuffle(xs), lambda: xs[0])


def test_race_json():
    import json

    xs = [1, 2, 3]
    both(lambda: json.dumps(xs), lambda: xs.append(1))


def test_race_itertools_chain():
    xs = [1, 2, 3]

    def one():
        xs[1] = 2

    both(one, lambda: list(itertools.chain(xs, [1])))


def test_race_itertools_islice():
    xs = [1, 2, 3]

    def one():
        xs[1] = 2

    both(one, lambda: list(itertools.islice(xs, 2)))


def test_race_itertools_accumulate():
    xs = [1, 2, 3]

    def one():
        xs[1] = 2

    both(one, lambda: list(itertools.accumulate(xs)))


def test_race_list_subclass():
    class Stack(list):
        pass

    xs = Stack()
    both(lambda: xs.append(1), lambda: xs.append(2))


def test_race_list_subclass_inside_method():
    class Stack(list):
        def push(self, x):
            super().append(x)

    xs = Stack()
    both(lambda: xs.push(1), lambda: xs.push(2))


def test_race_list_subclass_loop():
    class Stack(list):
        pass

    xs = Stack([1, 2])

    def look():
        for _ in xs:
            pass

    both(lambda: xs.append(1), look)


def test_norace_overridden_append():
    class Silent(list):
        def append(self, x):
            pass

    xs = Silent()
    both(lambda: xs.append(1), lambda: xs.append(2))


def test_race_iterator_shared():
    it = iter([1, 2, 3])
    both(lambda: next(it), lambda: next(it))


def test_race_iterator_kept():
    xs = [1, 2, 3]
    it = iter(xs)
    both(lambda: xs.append(1), lambda: next(it))


def test_race_return_list_of_lists():
    xs = [[0], [0]]
    both(lambda: xs[0].append(1), lambda: [len(x) for x in xs])


def test_race_match_sequence():
    xs = [0, 1]

    def one():
        xs[1] = 5

    def two():
        match xs:
            case [a, b]:
                return a + b
        return 0

    both(one, two)


def test_race_swap():
    xs = [0, 1]

    def one():
        xs[0], xs[1] = xs[1], xs[0]

    both(one, one)


def test_race_loop_target_element():
    xs = [0, 1]

    def one():
        for xs[0] in range(3):
            pass

    both(one, lambda: xs[0])


def test_race_delete_then_len():
    xs = [0, 1]

    def one():
        del xs[:]

    both(one, lambda: len(xs))


def test_norace_append_ordered():
    import gofer

    xs = []
    ch = gofer.Chan()

    def one():
        xs.append(1)
        ch.send(1)

    def two():
        ch.recv()
        xs.append(2)

    both(one, two)


def test_norace_private_lists():
    def one():
        xs = []
        for k in range(5):
            xs.append(k)
        return sum(xs)

    both(one, one)


def test_norace_reads_of_all_kinds():
    xs = [3, 1, 2]
    both(
        lambda: sorted(xs),
        lambda: xs == [1],
        lambda: len(xs),
        lambda: xs[0],
        lambda: xs[:],
        lambda: 1 in xs,
        lambda: [*xs],
        lambda: xs.index(1),
        lambda: f"{xs}",
        lambda: drain(xs),
    )


def test_norace_sorted_of_copy():
    xs = [3, 1, 2]
    both(lambda: sorted(xs), lambda: sorted(list(xs)))


def test_race_tuple_holding_list():
    pair = ([0], 1)
    both(lambda: pair[0].append(1), lambda: len(pair[0]))


def test_race_element_by_name_in_loop():
    xs = [0, 0, 0]

    def one():
        for i in range(len(xs)):
            xs[i] = i

    together(one, one)


def test_race_operator_iadd():
    xs = [0]
    both(lambda: operator.iadd(xs, [1]), lambda: len(xs))
