"""Globals, closure variables, names in comprehensions and class bodies."""

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


def test_race_global_augmented():
    """global total of cases"""

    def add():
        global total
        total += 1

    both(add, add)


def test_race_global_write_read():
    def write():
        global flag
        flag = True

    both(write, lambda: flag)


def test_race_global_lazy():
    """global config of cases"""

    def init():
        global config
        if config is None:
            config = {}
        return config

    together(init, init)


def test_race_global_delete():
    def drop():
        global fresh_deleted
        del fresh_deleted

    def look():
        try:
            return fresh_deleted
        except NameError:
            return None

    both(drop, look)


def test_race_global_never_assigned_at_top():
    def write():
        global made_inside
        made_inside = 1

    def look():
        try:
            return made_inside
        except NameError:
            return None

    both(write, look)


def test_race_globals_dict():
    def write():
        globals()["total"] = 1

    both(write, lambda: total)


def test_race_walrus_global():
    def write():
        global walrus
        if walrus := 1:
            pass

    both(write, lambda: walrus)


def test_race_for_global():
    def write():
        global looped
        for looped in range(2):
            pass

    both(write, lambda: looped)


def test_race_import_global():
    def write():
        global imported_late
        import json as imported_late

    both(write, lambda: imported_late)


def test_race_except_global():
    def write():
        global caught
        try:
            raise KeyError
        except KeyError as caught:
            pass

    def look():
        try:
            return caught
        except NameError:
            return None

    both(write, look)


def test_race_with_global():
    class Manager:
        def __enter__(self):
            return 1

        def __exit__(self, *exc):
            pass

    def write():
        global with_target
        with Manager() as with_target:
            pass

    both(write, lambda: with_target)


def test_race_starred_global():
    def write():
        global starred
        _, *starred = 1, 2

    both(write, lambda: starred)


def test_race_function_redefined():
    def write():
        global helper

        def helper():
            return 2

    both(write, lambda: helper())


def helper():
    return 1


def test_race_class_redefined():
    def write():
        global Klass

        class Klass:
            pass

    both(write, lambda: Klass)


class Klass:
    pass


def test_race_module_attribute():
    """global counter of module_state"""

    def add():
        module_state.counter += 1

    both(add, add)


def test_race_module_attribute_against_its_function():
    """global counter of module_state"""

    def add():
        module_state.counter += 1

    both(add, module_state.bump)


def test_race_module_functions():
    both(module_state.bump, module_state.bump)


def test_race_module_setattr():
    both(lambda: setattr(module_state, "other", 1), lambda: module_state.read_other())


def test_norace_module_constants():
    both(lambda: module_state.LIMIT, lambda: module_state.LIMIT + limit)


def test_norace_module_names():
    def one():
        module_state.counter += 1

    def two():
        module_state.other += 1

    both(one, two)


def test_norace_global_reads():
    both(lambda: limit, lambda: limit)


def test_norace_global_function_calls():
    both(lambda: helper, lambda: Klass)


def test_norace_global_ordered():
    ch = gofer.Chan()

    def one():
        global unshared_name
        unshared_name = 1
        ch.send(1)

    def two():
        ch.recv()
        return unshared_name

    both(one, two)
