"""Closure variables."""

import functools

import gofer
import module_state
from racing import both, drain, together

total = 0
config = None
table = {}
flag = False
limit = 10
cells = 0
fresh_deleted = 1
_lazy = None
walrus = 0
imported_late = 0
looped = 0
caught = None
with_target = None
augmented = []
starred = None
unshared_name = 0


def test_race_nonlocal():
    """closure variable n of test_race_nonlocal()"""
    n = 0

    def add():
        nonlocal n
        n += 1

    both(add, add)


def test_race_closure_of_maker():
    """closure variable n of make()"""

    def make():
        n = 0

        def add():
            nonlocal n
            n += 1
            return n

        return add

    add = make()
    both(add, add)


def test_norace_closures_of_two_calls():
    def make():
        n = 0

        def add():
            nonlocal n
            n += 1

        return add

    both(make(), make())


def test_race_two_functions_one_cell():
    def make():
        n = 0

        def put():
            nonlocal n
            n = 1

        def get():
            return n

        return put, get

    both(*make())


def test_race_closure_parent_writes():
    n = 0
    ch, done = gofer.Chan(1), gofer.Chan(1)

    def look():
        ch.recv()
        done.send(n)

    gofer.go(look)
    ch.send(1)
    n = 1
    done.recv()


def test_race_loop_variable():
    """closure variable i of test_race_loop_variable()"""
    done = gofer.Chan(3)
    for i in range(3):
        gofer.go(lambda: (i, done.send(1)))
    for _ in range(3):
        done.recv()


def test_norace_loop_variable_as_default():
    done = gofer.Chan(3)
    for i in range(3):
        gofer.go(lambda i=i: (i, done.send(1)))
    for _ in range(3):
        done.recv()


def test_norace_loop_variable_as_argument():
    done = gofer.Chan(3)

    def work(i):
        done.send(i)

    for i in range(3):
        gofer.go(work, i)
    for _ in range(3):
        done.recv()


def test_race_parameter_cell():
    def make(n):
        def add():
            nonlocal n
            n += 1

        return add

    add = make(0)
    both(add, add)


def test_norace_parameter_cell_read():
    def make(n):
        return lambda: n + 1

    get = make(0)
    both(get, get)


def test_norace_cell_set_before():
    n = 0
    n = 1
    both(lambda: n, lambda: n)


def test_race_cell_deep():
    """closure variable n of test_race_cell_deep()"""
    n = 0

    def outer():
        def inner():
            nonlocal n
            n += 1

        inner()

    both(outer, outer)


def test_race_cell_in_comprehension():
    n = 0

    def write():
        nonlocal n
        n = 1

    both(write, lambda: [n + k for k in range(2)])


def test_race_cell_in_generator():
    n = 0

    def write():
        nonlocal n
        n = 1

    both(write, lambda: sum(n + k for k in range(2)))


def test_race_cell_walrus():
    n = 0

    def write():
        nonlocal n
        return (n := 1)

    both(write, lambda: n)


def test_race_walrus_in_comprehension():
    n = 0

    def write():
        nonlocal n
        return [n := k for k in range(2)]

    both(write, lambda: n)


def test_race_cell_delete():
    n = 0

    def drop():
        nonlocal n
        del n

    def look():
        try:
            return n
        except NameError:
            return None

    both(drop, look)


def test_race_cell_for_target():
    n = 0

    def write():
        nonlocal n
        for n in range(2):
            pass

    both(write, lambda: n)


def test_race_cell_with_target():
    n = 0

    class Manager:
        def __enter__(self):
            return 1

        def __exit__(self, *exc):
            pass

    def write():
        nonlocal n
        with Manager() as n:
            pass

    both(write, lambda: n)


def test_race_cell_match_capture():
    n = 0

    def write():
        nonlocal n
        match 5:
            case n:
                pass

    both(write, lambda: n)


def test_race_cell_unpacking():
    n = m = 0

    def write():
        nonlocal n, m
        n, m = 1, 2

    both(write, lambda: m)


def test_race_cell_import():
    n = None

    def write():
        nonlocal n
        import json as n

    both(write, lambda: n)


def test_race_cell_function_statement():
    def f():
        return 1

    def write():
        nonlocal f

        def f():
            return 2

    both(write, lambda: f())


def test_race_cell_in_class_body():
    n = 0

    def write():
        nonlocal n
        n = 1

    def look():
        class Local:
            x = n

        return Local

    both(write, look)


def test_race_method_closure():
    n = 0

    class Local:
        def add(self):
            nonlocal n
            n += 1

    both(Local().add, Local().add)


def test_race_decorated_closure():
    calls = 0

    def counted(f):
        @functools.wraps(f)
        def wrapper():
            nonlocal calls
            calls += 1
            return f()

        return wrapper

    @counted
    def work():
        pass

    both(work, work)


def test_race_cell_same_name_elsewhere():
    """closure variable n of inner_make()"""

    def inner_make():
        n = 0

        def add():
            nonlocal n
            n += 1

        return add

    n = 5
    add = inner_make()
    both(add, add, lambda: n)


def test_norace_cell_same_name():
    def first():
        n = 0

        def add():
            nonlocal n
            n += 1

        return add

    def second():
        n = 0

        def add():
            nonlocal n
            n += 1

        return add

    both(first(), second())


def test_norace_plain_locals():
    def work():
        n = 0
        for k in range(3):
            n += k
        return n

    both(work, work)


def test_norace_recursion():
    def work(n):
        return n and work(n - 1)

    both(lambda: work(3), lambda: work(3))


def test_norace_comprehension_variable():
    both(lambda: [k for k in range(3)], lambda: [k for k in range(3)])


def test_norace_cell_of_child():
    n = 0
    ch = gofer.Chan()

    def child():
        nonlocal n
        n = 1
        ch.send(None)

    gofer.go(child)
    ch.recv()
    assert n == 1


def test_race_global_container():
    """dict['k']"""
    table["k"] = 0

    def write():
        table["k"] = 1

    both(write, write)


def test_race_global_augmented_container():
    def write():
        global augmented
        augmented += [1]

    both(write, write)


def test_race_async_function():
    import asyncio

    n = 0

    async def add():
        nonlocal n
        n += 1

    def run():
        asyncio.run(add())

    together(run, run)


def test_race_generator_body():
    n = 0

    def gen():
        nonlocal n
        n += 1
        yield n

    both(lambda: drain(gen()), lambda: drain(gen()))


def test_race_exec_is_seen():
    space = {"n": 0}

    def run():
        space["n"] = 1

    both(run, run)
