"""Attributes in every place of the grammar, and of objects of many kinds."""

import functools
import operator
import os
import threading
import types

import racing
from racing import Box, Cached, Counter, Pair, both


def test_race_simple_namespace():
    """SimpleNamespace.n"""
    space = types.SimpleNamespace(n=0)

    def one():
        space.n += 1

    both(one, one)


def test_race_chain():
    """Box.value"""
    outer, inner = Box(), Box()
    outer.inner = inner

    def one():
        outer.inner.value += 1

    both(one, one)


def test_race_chain_of_calls():
    """Box.value"""
    box = Box()

    def get():
        return box

    def one():
        get().value += 1

    both(one, one)


def test_race_tuple_target():
    box = Box()

    def one():
        box.value, box.other = 1, 2

    both(one, lambda: box.other)


def test_race_for_target():
    box = Box()

    def one():
        for box.value in range(2):
            pass

    both(one, lambda: box.value)


def test_race_with_target():
    box = Box()

    class Manager:
        def __enter__(self):
            return 1

        def __exit__(self, *exc):
            pass

    def one():
        with Manager() as box.value:
            pass

    both(one, lambda: box.value)


def test_race_annotated_target():
    box = Box()

    def one():
        box.value: int = 4

    both(one, lambda: box.value)


def test_race_starred_target():
    box = Box()

    def one():
        _, *box.value = 1, 2, 3

    both(one, lambda: box.value)


def test_race_read_in_fstring():
    box = Box()

    def one():
        box.value = 4

    both(one, lambda: f"{box.value}")


def test_race_read_in_default():
    box = Box()

    def one():
        box.value = 4

    def two():
        def f(x=box.value):
            return x

    both(one, two)


def test_race_read_in_decorator():
    box = Box()
    box.deco = lambda f: f

    def one():
        box.deco = lambda f: f

    def two():
        @box.deco
        def f():
            pass

    both(one, two)


def test_race_read_in_match():
    box = Box()

    def one():
        box.value = 4

    def two():
        match box:
            case Box(value=4):
                return 1
        return 0

    both(one, two)


def test_race_read_in_match_subject():
    box = Box()

    def one():
        box.value = 4

    def two():
        match box.value:
            case 4:
                return 1
        return 0

    both(one, two)


def test_race_read_in_match_guard():
    box = Box()

    def one():
        box.value = 4

    def two():
        match 1:
            case 1 if box.value:
                return 1
        return 0

    both(one, two)


def test_race_read_in_assert():
    box = Box()

    def one():
        box.value = 4

    def two():
        assert box.value is not None

    both(one, two)


def test_race_read_in_lambda_default():
    box = Box()

    def one():
        box.value = 4

    both(one, lambda: (lambda x=box.value: x)())


def test_race_read_in_nested_function():
    box = Box()

    def one():
        box.value = 4

    def two():
        def inner():
            return [box.value for _ in range(1)]

        return inner()

    both(one, two)


def test_race_read_in_class_body():
    box = Box()

    def one():
        box.value = 4

    def two():
        class Local:
            x = box.value

        return Local

    both(one, two)


def test_race_read_in_except():
    box = Box()

    def one():
        box.value = 4

    def two():
        try:
            raise KeyError
        except KeyError:
            return box.value

    both(one, two)


def test_race_instance_dict():
    box = Box()

    def one():
        box.__dict__["value"] = 1

    both(one, one)


def test_race_cached_property():
    cached = Cached()
    both(lambda: cached.costly, lambda: cached.costly)


def test_norace_cached_property_ready():
    cached = Cached()
    cached.costly
    both(lambda: cached.costly, lambda: cached.costly)


def test_norace_namedtuple():
    pair = Pair(1, 2)
    both(lambda: pair.a + pair.b, lambda: pair.a)


def test_race_init_published_early():
    """Early.value"""
    registry = []

    class Early:
        def __init__(self, ready, seen):
            registry.append(self)
            ready.send(1)
            self.value = 1
            seen.recv()

    import gofer

    ready, seen = gofer.Chan(1), gofer.Chan(1)

    def one():
        Early(ready, seen)

    def two():
        ready.recv()
        getattr(registry[0], "value", None)
        seen.send(1)

    both(one, two)


def test_race_super_attribute():
    """Deep.value"""

    class Base:
        def work(self):
            self.value += 1

    class Deep(Base):
        def __init__(self):
            self.value = 0

        def work(self):
            super().work()

    deep = Deep()
    both(deep.work, deep.work)


def test_race_methodcaller():
    c = Counter()
    call = operator.methodcaller("increment")
    both(lambda: call(c), lambda: call(c))


def test_race_exception_attribute():
    error = ValueError("x")

    def one():
        error.code = 1

    both(one, one)


def test_race_other_module_class():
    """Box.shared"""

    def one():
        racing.Box.shared = 1

    both(one, one)


def test_race_metaclass_attribute():
    class Meta(type):
        pass

    class Made(metaclass=Meta):
        pass

    def one():
        Made.level = 1

    both(one, lambda: getattr(Made, "level", 0))


def test_race_enum_like_class_in_function():
    class Config:
        debug = False

    def one():
        Config.debug = True

    both(one, lambda: Config.debug)


def test_race_write_after_both_read():
    box = Box()

    def reader():
        return box.value

    def writer():
        box.value
        box.value = 2

    both(reader, writer)


def test_norace_read_only():
    box = Box()
    both(*[lambda: box.value] * 4)


def test_norace_different_objects_same_name():
    boxes = [Box(), Box()]

    def one(i):
        boxes[i].value += 1

    both(lambda: one(0), lambda: one(1))


def test_norace_local_object():
    def one():
        box = Box()
        box.value += 1
        return box.value

    both(one, one)


def test_race_attributes_named_like_the_detector_s_own():
    """Box.next"""
    box = Box()

    def one():
        box.next = 1

    both(one, one)


def test_race_attribute_named_add():
    """Box.add"""
    box = Box()

    def one():
        box.add = 1

    both(one, one)


def test_norace_partial_of_a_reader():
    read, write = os.pipe()
    os.write(write, b"abcd")
    got = []
    lock = threading.Lock()
    take = functools.partial(os.read, read)

    def one():
        data = take(2)
        with lock:
            got.append(data)

    both(one, one)
    os.close(read)
    os.close(write)
