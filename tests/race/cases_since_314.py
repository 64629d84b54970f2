"""What is new in Python 3.14: template strings, annotations that are evaluated late, and what the library has since."""

import functools
import heapq
import os
from string.templatelib import Template

from racing import Box, both, together

total = 0


def rendered(template: Template) -> str:
    return "".join(part if isinstance(part, str) else str(part.value) for part in template)


# -- template strings --


def test_race_template_attribute():
    box = Box()
    both(lambda: t"value {box.value}", lambda: setattr(box, "value", 1))


def test_race_template_element():
    items = [1, 2]
    both(lambda: t"{items[0]!r:>5}", lambda: items.__setitem__(0, 3))


def test_race_template_variable():
    n = 0

    def put():
        nonlocal n
        n = 1

    both(lambda: t"{n}", put)


def test_race_template_global():
    def put():
        global total
        total = 1

    both(lambda: t"{total}", put)


def test_race_template_format():
    box = Box()
    box.value = 5
    both(lambda: t"{1:>{box.value}}", lambda: setattr(box, "value", 1))


def test_race_template_in_template():
    box = Box()
    both(lambda: t"{t'{box.value}'}", lambda: setattr(box, "value", 1))


def test_race_template_lambda():
    box = Box()
    both(lambda: t"{(lambda: box.value)()}", lambda: setattr(box, "value", 1))


def test_race_template_rendered():
    items = [1]
    template = t"{items}"
    both(lambda: rendered(template), lambda: items.append(2))


def test_norace_template_not_rendered():
    items = [1]
    both(lambda: t"{items}", lambda: items.append(2))


def test_norace_template():
    box, items = Box(), [1]
    both(lambda: rendered(t"{box.value} {items}"), lambda: rendered(t"{box.value} {items[0]!r}"))


def test_norace_template_text():
    box = Box()
    (part,) = t"{box.value!r:>3}".interpolations
    assert (part.expression, part.value, part.conversion, part.format_spec) == ("box.value", 0, "r", ">3"), part


# -- annotations --


class Annotated:
    x: int
    y: "Annotated"

    def method(self, n: int) -> list[Annotated]:
        return [self]


def test_norace_annotations():
    def look():
        return Annotated.__annotations__, Annotated.method.__annotations__, Annotated.__annotate__

    both(look, look)
    together(look, look)


def test_race_variable_that_an_annotation_captures():
    kind = int

    def make():
        def inner(x: kind):
            return kind

        return inner(1)

    def put():
        nonlocal kind
        kind = str

    both(make, put)


def test_norace_variable_that_an_annotation_captures():
    kind = int

    def make():
        def inner(x: kind) -> kind:
            return x

        return inner(1), inner.__annotations__

    both(make, make)


def test_race_function_named_as_an_annotation_scope():
    box = Box()

    class Own:
        x: int

        def __annotate__(format: int = 1):
            return {"x": box.value}

    both(lambda: Own.__annotate__(1), lambda: setattr(box, "value", 1))


# -- the library --


def test_race_heap_pushed_max():
    heap = [3, 1]
    both(lambda: heapq.heappush_max(heap, 2), lambda: heapq.heappop_max(heap))


def test_race_heap_made_max():
    heap = [1, 3]
    both(lambda: heapq.heapify_max(heap), lambda: heap[0])


def test_race_heap_replaced_max():
    heap = [3, 1]
    both(lambda: heapq.heapreplace_max(heap, 5), lambda: len(heap))


def test_race_heap_pushed_and_popped_max():
    heap = [3, 1]
    both(lambda: heapq.heappushpop_max(heap, 5), lambda: heap[1])


def test_race_bytearray_resized():
    data = bytearray(4)
    both(lambda: data.resize(8), lambda: len(data))


def test_race_partial_with_places_left_open():
    items = [1, 2]
    put = functools.partial(list.insert, functools.Placeholder, 0)
    both(lambda: put(items, 5), lambda: len(items))


def test_race_partial_with_a_place_at_the_end():
    items = [1, 2]
    pick = functools.partial(getattr, functools.Placeholder, "value")
    box = Box()
    both(lambda: pick(box), lambda: setattr(box, "value", 1))
    del items


def test_race_partial_steps_with_a_place_left_open():
    items = [1, 2]
    mapped = functools.partial(map, functools.Placeholder, items)
    both(lambda: list(mapped(str)), lambda: items.append(3))


def test_norace_partial_with_too_few():
    items = [1, 2]
    put = functools.partial(list.insert, functools.Placeholder, 0)

    def call():
        try:
            put()
        except TypeError:
            return
        raise AssertionError

    both(call, lambda: len(items))


def test_race_strict_map():
    items = [1, 2]
    both(lambda: list(map(str, items, strict=True)), lambda: items.append(3))


def test_race_reduce_from():
    items = [1, 2]
    both(lambda: functools.reduce(max, items, initial=0), lambda: items.append(3))


def test_norace_read_into():
    """What was written to a pipe comes before the read that gets it."""
    box, data = Box(), bytearray(1)
    ours, theirs = os.pipe()

    def first():
        box.value = 1
        os.write(theirs, b"x")

    def second():
        os.readinto(ours, data)
        box.value = 2

    together(first, second)
    os.close(ours)
    os.close(theirs)
