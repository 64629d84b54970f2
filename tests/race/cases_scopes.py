"""Scopes and where they stand: defaults, class arguments, several on a line, comprehensions that bind what is captured."""

import asyncio

import gofer
from racing import Box, both

total = 0
group = gofer.sync.WaitGroup()


# -- what is evaluated outside of the scope that it belongs to --


def test_race_default_of_a_lambda():
    box = Box()
    both(lambda: lambda n=box.value: n, lambda: setattr(box, "value", 1))


def test_race_keyword_default_of_a_lambda():
    box = Box()
    both(lambda: lambda *, n=box.value: n, lambda: setattr(box, "value", 1))


def test_race_keyword_default_of_a_function():
    box = Box()

    def make():
        def inner(*, n=box.value):
            return n

    both(make, lambda: setattr(box, "value", 1))


def test_race_class_argument():
    box = Box()

    class Base:
        def __init_subclass__(cls, **named):
            pass

    def make():
        class Child(Base, named=box.value):
            pass

    both(make, lambda: setattr(box, "value", 1))


def test_race_class_arguments():
    named = {"a": 1}

    class Base:
        def __init_subclass__(cls, **named):
            pass

    def make():
        class Child(Base, **named):
            pass

    both(make, lambda: named.__setitem__("a", 2))


def test_race_metaclass():
    box = Box()
    box.value = type

    def make():
        class Child(metaclass=box.value):
            pass

    both(make, lambda: setattr(box, "value", type))


def test_race_base_class():
    box = Box()
    box.value = Box

    def make():
        class Child(box.value):
            pass

    both(make, lambda: setattr(box, "value", Box))


def test_race_class_body_global():
    def make():
        class Child:
            kept = total

    def put():
        global total
        total = 2

    both(make, put)


# -- several on a line --


def test_race_second_lambda_of_a_line():
    a = b = 0

    def look():
        return (lambda: a)(), (lambda: b)()

    def put():
        nonlocal b
        b = 1

    both(look, put)


def test_race_lambda_in_a_lambda():
    a = b = 0

    def look():
        return (lambda: (a, (lambda: b)()))()

    def put():
        nonlocal b
        b = 1

    both(look, put)


def test_race_lambda_beside_one_in_the_target():
    n, held = 0, {}

    def look():
        held[(lambda: 5)()] = (lambda: n)()

    def put():
        nonlocal n
        n = 1

    both(look, put)


def test_race_lambda_in_the_target():
    n, held = 0, {}

    def look():
        held[(lambda: n)()] = (lambda: 5)()

    def put():
        nonlocal n
        n = 1

    both(look, put)


def test_race_lambda_beside_one_in_a_loop_target():
    n, held = 0, {}

    def look():
        for held[(lambda: 5)()] in (lambda: [n])():
            pass

    def put():
        nonlocal n
        n = 1

    both(look, put)


def test_race_lambda_beside_one_in_a_default():
    n = 0

    def look():
        return (lambda *, k=(lambda: 1)(), j=(lambda: 2)(): (lambda: n)())()

    def put():
        nonlocal n
        n = 1

    both(look, put)


def test_race_lambda_after_a_generator_on_a_line():
    n = 0

    def look():
        return list(x for x in (lambda: [1])()), list(y for y in (lambda: [n])() if (lambda: n)() is not None)

    def put():
        nonlocal n
        n = 1

    both(look, put)


def test_race_lambda_in_a_dict_comprehension():
    a = b = 0

    def look():
        return {(lambda: a)(): (lambda: b)() for _ in range(1)}

    def put():
        nonlocal a
        a = 1

    both(look, put)


def test_norace_lambdas_of_a_line():
    a, b = 0, 0

    def look():
        return (lambda: a)(), (lambda n: n)(2), (lambda: b)(), [(lambda: a)() for _ in (lambda: [1])()]

    both(look, look)


# -- comprehensions that bind what functions in them capture --


def test_race_variable_of_a_list_comprehension():
    "closure variable n of test_race_variable_of_a_list_comprehension()"
    [group.go(lambda: n) for n in range(3)]
    group.wait()


def test_race_variable_of_a_set_comprehension():
    {group.go(lambda: n) for n in range(3)}
    group.wait()


def test_race_variable_of_a_dict_comprehension():
    {n: group.go(lambda: n) for n in range(3)}
    group.wait()


def test_race_variable_of_a_generator():
    list(group.go(lambda: n) for n in range(3))
    group.wait()


def test_race_second_variable_of_a_comprehension():
    [group.go(lambda: (a, b)) for a in range(1) for b in range(3)]
    group.wait()


def test_race_unpacked_variable_of_a_comprehension():
    [group.go(lambda: b) for a, (b, *c) in [(1, (2, 3)), (4, (5,))]]
    group.wait()


def test_race_variable_captured_by_a_condition():
    [n for n in range(3) if group.go(lambda: n) is None]
    group.wait()


def test_race_variable_of_a_comprehension_in_a_class():
    class Child:
        made = [group.go(lambda: n) for n in range(3)]

    group.wait()


def test_race_variable_captured_by_a_generator_inside():
    def use(numbers):
        group.go(lambda: sum(numbers))

    [use(n + m for m in range(3)) for n in range(3)]
    group.wait()


def test_race_variable_of_a_comprehension_of_a_module():
    exec("from cases import group\n[group.go(lambda: n) for n in range(3)]\ngroup.wait()", {})


def test_race_variable_captured_two_comprehensions_further_in():
    [[group.go(lambda: n) for _ in range(1)] for n in range(3)]
    group.wait()


def test_norace_variable_passed_on():
    [group.go(lambda n=n: n) for n in range(3)]
    [group.go(lambda k: k, n) for n in range(3)]
    group.wait()


def test_norace_variable_of_functions_called_later():
    made = [lambda: n for n in range(3)]
    both(*made)


def test_norace_variable_of_two_comprehensions():
    def make():
        return [(lambda: n)() for n in range(3)]

    both(make, make)


def test_race_variable_beside_one_that_is_settled():
    n = 5

    def outer():
        return n

    [group.go(lambda: n) for n in range(3)]
    outer()
    group.wait()


def test_race_variable_of_a_class_beside_one_of_the_function():
    n = 5

    class Child:
        made = [group.go(lambda: n) for n in range(3)]

    group.wait()
    return lambda: n


def test_race_captured_in_a_comprehension_of_a_class():
    n = 0

    def make():
        class Child:
            kept = [n for _ in range(1)]

    def put():
        nonlocal n
        n = 1

    both(make, put)


def test_race_async_comprehension():
    items = [1]

    async def steps():
        for item in items:
            yield item

    async def collected():
        return [item async for item in steps()]

    both(lambda: asyncio.run(collected()), lambda: items.append(2))
