"""What is new in Python 3.12: comprehensions that are part of the function around them, type parameters."""

import itertools
import math

from gofer import sync
from racing import Box, both


def test_race_batched():
    items = [1, 2, 3]
    both(lambda: list(itertools.batched(items, 2)), lambda: items.append(4))


def test_race_batched_elements():
    items = [1, 2, 3]
    batches = itertools.batched(items, 2)
    both(lambda: next(batches), lambda: items.__setitem__(1, 5))


def test_race_sumprod():
    items = [1, 2]
    both(lambda: math.sumprod(items, [1, 2]), lambda: items.append(3))


def test_race_function_with_type_parameters():
    box = Box()

    def first[T](given: T, other=box.value) -> T:
        return (given, box.other)

    both(lambda: first(1), lambda: setattr(box, "other", 2))


def test_race_default_beside_type_parameters():
    box = Box()

    def make():
        def first[T](given: T, *, other=box.value) -> T:
            return given

    both(make, lambda: setattr(box, "value", 2))


def test_race_base_beside_type_parameters():
    box = Box()
    box.value = Box

    def make():
        class Generic[T](box.value):
            pass

    both(make, lambda: setattr(box, "value", Box))


def test_race_keyword_beside_type_parameters():
    box = Box()

    class Base:
        def __init_subclass__(cls, **named):
            pass

    def make():
        class Generic[T](Base, named=box.value):
            pass

    both(make, lambda: setattr(box, "value", 1))


def test_race_closure_beside_type_parameters():
    n = 0

    def make():
        class Generic[T]:
            def get[S](self, other: S):
                return lambda: n

        return Generic[int]().get(1)()

    def put():
        nonlocal n
        n = 1

    both(make, put)


def test_race_inlined_variable_beside_one_of_the_function():
    group, i = sync.WaitGroup(), 5

    def outer():
        return i

    [group.go(lambda: i) for i in range(3)]
    group.wait()


def test_norace_inlined_variable_beside_one_of_the_function():
    n = 5

    def outer():
        return n

    [n for n in range(3)]
    both(outer, lambda: [n for n in range(3)])


def test_norace_type_parameters():
    def make():
        class Generic[T]:
            def get(self, given: T) -> list[T]:
                return [given]

        type Many[S] = list[S]
        return Generic[int]().get(1), Many[int]

    both(make, make)
