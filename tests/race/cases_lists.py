"""Lists: elements and structure."""

import copy
import heapq
import bisect
import itertools
import operator

from racing import Box, both, drain, together


def test_race_element_write_write():
    """list[1]"""
    xs = [0, 0, 0]

    def one():
        xs[1] = 1

    both(one, one)


def test_race_element_write_read():
    """list[1]"""
    xs = [0, 0, 0]

    def one():
        xs[1] = 1

    both(one, lambda: xs[1])


def test_race_element_augmented():
    """list[0]"""
    xs = [0]

    def one():
        xs[0] += 1

    both(one, one)


def test_race_negative_index():
    """list[2]"""
    xs = [0, 0, 0]

    def one():
        xs[-1] = 1

    def two():
        xs[2] = 1

    both(one, two)


def test_race_computed_index():
    """list[1]"""
    xs = [0, 0, 0]
    base = Box()

    def one():
        xs[base.value + 1] = 1

    def two():
        xs[len(xs) - 2] = 1

    both(one, two)


def test_race_nested():
    """list[1]"""
    grid = [[0, 0], [0, 0]]

    def one():
        grid[0][1] = 1

    both(one, lambda: grid[0][1])


def test_race_augmented_nested():
    """list[1]"""
    grid = [[0, 0], [0, 0]]

    def one():
        grid[0][1] += 1

    both(one, one)


def test_norace_rows():
    grid = [[0, 0], [0, 0]]

    def one():
        grid[0][1] += 1

    def two():
        grid[1][1] += 1

    both(one, two)


def test_norace_elements():
    xs = [0] * 4

    def one(i):
        xs[i] = i

    both(*[lambda i=i: one(i) for i in range(4)])


def test_norace_augmented_elements():
    xs = [0] * 4

    def one(i):
        xs[i] += i

    both(*[lambda i=i: one(i) for i in range(4)])


def test_norace_negative_elements():
    xs = [0] * 4

    def one():
        xs[-1] = 1

    def two():
        xs[-2] = 1

    both(one, two)


def test_race_append_append():
    """list (structure)"""
    xs = []
    both(lambda: xs.append(1), lambda: xs.append(2))


def test_race_append_against_element():
    xs = [0]
    both(lambda: xs.append(1), lambda: xs[0])


def test_race_append_against_element_write():
    xs = [0]

    def one():
        xs[0] = 1

    both(one, lambda: xs.append(1))


def test_race_append_against_negative_index():
    xs = [0]
    both(lambda: xs.append(1), lambda: xs[-1])


def test_race_append_len():
    """list (structure)"""
    xs = [0]
    both(lambda: xs.append(1), lambda: len(xs))


def test_race_append_dunder_len():
    xs = [0]
    both(lambda: xs.append(1), lambda: xs.__len__())


def test_race_append_truth():
    xs = [0]
    both(lambda: xs.append(1), lambda: 1 if xs else 0)


def test_race_append_not():
    xs = [0]
    both(lambda: xs.append(1), lambda: not xs)


def test_race_append_bool():
    xs = [0]
    both(lambda: xs.append(1), lambda: bool(xs))


def test_race_append_and():
    xs = [0]
    both(lambda: xs.append(1), lambda: xs and 5)


def test_race_append_or():
    xs = [0]
    both(lambda: xs.append(1), lambda: xs or 5)


def test_race_append_while():
    xs = [0]

    def look():
        while xs:
            break

    both(lambda: xs.append(1), look)


def test_race_append_comprehension_condition():
    xs = [0]
    both(lambda: xs.append(1), lambda: [k for k in (1, 2) if xs])


def test_race_append_in():
    xs = [0]
    both(lambda: xs.append(1), lambda: 5 in xs)


def test_race_element_in():
    xs = [0, 1]

    def one():
        xs[0] = 5

    both(one, lambda: 1 in xs)


def test_race_element_not_in():
    xs = [0, 1]

    def one():
        xs[0] = 5

    both(one, lambda: 1 not in xs)


def test_race_append_loop():
    xs = [0]

    def look():
        for _ in xs:
            pass

    both(lambda: xs.append(1), look)


def test_race_element_loop():
    xs = [0, 1, 2]

    def one():
        xs[2] = 5

    def look():
        for _ in xs:
            pass

    both(one, look)


def test_norace_loop_stopped_before():
    xs = [0, 1, 2]

    def one():
        xs[2] = 5

    def look():
        for _ in xs:
            break

    both(one, look)


def test_race_empty_loop():
    xs = []

    def look():
        for _ in xs:
            pass

    both(lambda: xs.append(1), look)


def test_race_comprehension():
    xs = [0, 1]

    def one():
        xs[1] = 5

    both(one, lambda: [x for x in xs])


def test_race_set_comprehension():
    xs = [0, 1]

    def one():
        xs[1] = 5

    both(one, lambda: {x for x in xs})


def test_race_nested_comprehension():
    xs = [0, 1]

    def one():
        xs[1] = 5

    both(one, lambda: [x + y for x in (1, 2) for y in xs])


def test_race_generator_expression():
    xs = [0, 1]

    def one():
        xs[1] = 5

    both(one, lambda: list(x for x in xs))


def test_race_unpacking():
    xs = [0, 1]

    def one():
        xs[1] = 5

    def two():
        a, b = xs

    both(one, two)


def test_race_starred_unpacking():
    xs = [0, 1]

    def one():
        xs[1] = 5

    def two():
        a, *b = xs

    both(one, two)


def test_race_star_call():
    xs = [0, 1]

    def one():
        xs[1] = 5

    both(one, lambda: max(*xs))


def test_race_star_display():
    xs = [0, 1]

    def one():
        xs[1] = 5

    both(one, lambda: [*xs, 1])


def test_race_for_unpacking():
    rows = [[0, 1]]

    def one():
        rows[0][1] = 5

    def two():
        for _, _ in rows:
            pass

    both(one, two)


def test_race_return_unpacked():
    xs = [0, 1]

    def one():
        xs[1] = 5

    def two():
        return (*xs,)

    both(one, two)


def test_race_slice_read():
    xs = [0, 1, 2, 3]

    def one():
        xs[1] = 5

    both(one, lambda: xs[:2])


def test_norace_slice_read():
    xs = [0, 1, 2, 3]

    def one():
        xs[3] = 5

    both(one, lambda: xs[:2])


def test_race_slice_computed():
    xs = [0, 1, 2, 3]
    box = Box()

    def one():
        xs[1] = 5

    both(one, lambda: xs[box.value : box.value + 2])


def test_norace_slice_computed():
    xs = [0, 1, 2, 3]
    box = Box()

    def one():
        xs[3] = 5

    both(one, lambda: xs[box.value : box.value + 2])


def test_race_slice_step():
    xs = [0, 1, 2, 3]

    def one():
        xs[2] = 5

    both(one, lambda: xs[::2])


def test_norace_slice_step():
    xs = [0, 1, 2, 3]

    def one():
        xs[1] = 5

    both(one, lambda: xs[::2])


def test_race_slice_copy():
    xs = [0, 1, 2, 3]

    def one():
        xs[2] = 5

    both(one, lambda: xs[:])


def test_race_slice_write_elements():
    xs = [0, 1, 2, 3]

    def one():
        xs[0:2] = [5, 6]

    both(one, lambda: xs[1])


def test_norace_slice_write_elements():
    xs = [0, 1, 2, 3]

    def one():
        xs[0:2] = [5, 6]

    def two():
        xs[2:4] = [7, 8]

    both(one, two)


def test_race_slice_write_resizes():
    xs = [0, 1, 2, 3]

    def one():
        xs[0:2] = [5]

    both(one, lambda: xs[1])


def test_race_slice_write_len():
    xs = [0, 1, 2, 3]

    def one():
        xs[0:2] = [5]

    both(one, lambda: len(xs))


def test_norace_slice_write_len():
    xs = [0, 1, 2, 3]

    def one():
        xs[0:2] = [5, 6]

    both(one, lambda: len(xs))


def test_race_slice_write_of_read_list():
    xs, ys = [0, 1], [5, 6]

    def one():
        ys[0] = 1

    def two():
        xs[0:2] = ys

    both(one, two)


def test_race_slice_delete():
    xs = [0, 1, 2, 3]

    def one():
        del xs[1:2]

    both(one, lambda: xs[0])


def test_race_element_delete():
    xs = [0, 1, 2, 3]

    def one():
        del xs[1]

    both(one, lambda: xs[0])


def test_race_slice_object():
    xs = [0, 1, 2, 3]
    part = slice(0, 2)

    def one():
        xs[1] = 5

    both(one, lambda: xs[part])
