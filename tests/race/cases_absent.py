"""What is looked for and not there: who sets it races with who looked, whichever of the two comes first."""

import functools
import types

import module_state
from racing import Box, in_turn


def write_first(write, read):
    in_turn(write, read)


def read_first(write, read):
    in_turn(lambda: read(), write)  # a stack of its own: the same two stacks are reported once


def instance(order):
    box = Box()
    order(lambda: setattr(box, "late", 1), lambda: getattr(box, "late", 0))


def test_race_absent_attribute_write_first():
    """Box.late"""
    instance(write_first)


def test_race_absent_attribute_read_first():
    """Box.late"""
    instance(read_first)


def asked(order):
    box = Box()

    def write():
        box.late = 1

    order(write, lambda: hasattr(box, "late"))


def test_race_absent_hasattr_write_first():
    """Box.late"""
    asked(write_first)


def test_race_absent_hasattr_read_first():
    """Box.late"""
    asked(read_first)


def dynamic(order):
    class Dynamic:
        def __getattr__(self, name):
            return 5

    made = Dynamic()

    def write():
        made.late = 1

    order(write, lambda: made.late)


def test_race_absent_with_getattr_write_first():
    """Dynamic.late"""
    dynamic(write_first)


def test_race_absent_with_getattr_read_first():
    """Dynamic.late"""
    dynamic(read_first)


def slot(order):
    class Slotted:
        __slots__ = ("x",)

    made = Slotted()

    def write():
        made.x = 1

    order(write, lambda: getattr(made, "x", 0))


def test_race_absent_slot_write_first():
    """Slotted.x"""
    slot(write_first)


def test_race_absent_slot_read_first():
    """Slotted.x"""
    slot(read_first)


def of_class(order):
    class Made:
        pass

    def write():
        Made.level = 1

    order(write, lambda: getattr(Made, "level", 0))


def test_race_absent_of_class_write_first():
    """Made.level"""
    of_class(write_first)


def test_race_absent_of_class_read_first():
    """Made.level"""
    of_class(read_first)


def through_instance(order):
    class Made:
        pass

    made = Made()

    def write():
        Made.level = 1

    order(write, lambda: getattr(made, "level", 0))


def test_race_absent_of_class_through_instance_write_first():
    """Made.level"""
    through_instance(write_first)


def test_race_absent_of_class_through_instance_read_first():
    """Made.level"""
    through_instance(read_first)


def on_the_way(order):
    class Base:
        level = 0

    class Middle(Base):
        pass

    class Made(Middle):
        pass

    made = Made()

    def write():
        Middle.level = 1

    order(write, lambda: made.level)


def test_race_set_on_class_between_write_first():
    """Middle.level"""
    on_the_way(write_first)


def test_race_set_on_class_between_read_first():
    """Middle.level"""
    on_the_way(read_first)


def of_base(order):
    class Base:
        pass

    class Made(Base):
        pass

    def write():
        Base.level = 1

    order(write, lambda: getattr(Made, "level", 0))


def test_race_absent_of_base_write_first():
    """Base.level"""
    of_base(write_first)


def test_race_absent_of_base_read_first():
    """Base.level"""
    of_base(read_first)


def of_metaclass(order):
    class Meta(type):
        pass

    class Made(metaclass=Meta):
        pass

    def write():
        Meta.level = 1

    order(write, lambda: getattr(Made, "level", 0))


def test_race_absent_of_metaclass_write_first():
    """Meta.level"""
    of_metaclass(write_first)


def test_race_absent_of_metaclass_read_first():
    """Meta.level"""
    of_metaclass(read_first)


def hidden_method(order):
    class Made:
        def act(self):
            return 0

    made = Made()

    def write():
        made.act = lambda: 1

    order(write, lambda: made.act())


def test_race_method_hidden_by_attribute_write_first():
    """Made.act"""
    hidden_method(write_first)


def test_race_method_hidden_by_attribute_read_first():
    """Made.act"""
    hidden_method(read_first)


def replaced_method(order):
    class Made:
        def act(self):
            return 0

    made = Made()

    def write():
        Made.act = lambda self: 1

    order(write, lambda: made.act())


def test_race_method_replaced_write_first():
    """Made.act"""
    replaced_method(write_first)


def test_race_method_replaced_read_first():
    """Made.act"""
    replaced_method(read_first)


def hidden_variable(order):
    class Made:
        level = 0

    made = Made()

    def write():
        made.level = 1

    order(write, lambda: made.level)


def test_race_class_variable_hidden_write_first():
    """Made.level"""
    hidden_variable(write_first)


def test_race_class_variable_hidden_read_first():
    """Made.level"""
    hidden_variable(read_first)


def cached(order):
    class Made:
        @functools.cached_property
        def costly(self):
            return 1

    made = Made()
    order(lambda: made.costly, lambda: made.costly)


def test_race_cached_property_absent():
    """Made.costly"""
    cached(read_first)


def of_module(order):
    module = types.ModuleType("fresh")

    def write():
        module.late = 1

    order(write, lambda: getattr(module, "late", 0))


def test_race_absent_of_module_write_first():
    of_module(write_first)


def test_race_absent_of_module_read_first():
    of_module(read_first)


def instead_of_builtin(order):
    def write():
        global ascii
        ascii = repr

    order(write, lambda: ascii(1))
    globals().pop("ascii", None)


def test_race_global_instead_of_builtin_write_first():
    """global ascii of cases"""
    instead_of_builtin(write_first)


def test_race_global_instead_of_builtin_read_first():
    """global ascii of cases"""
    instead_of_builtin(read_first)


def of_other_module(order):
    def write():
        module_state.injected = 1

    order(write, lambda: module_state.read_injected())
    del module_state.injected


def test_race_absent_global_of_other_module_write_first():
    """global injected of module_state"""
    of_other_module(write_first)


def test_race_absent_global_of_other_module_read_first():
    """global injected of module_state"""
    of_other_module(read_first)


def key_got(order):
    table = {"a": 1}

    def write():
        table["late"] = 1

    order(write, lambda: table.get("late"))


def test_race_absent_key_get_write_first():
    key_got(write_first)


def test_race_absent_key_get_read_first():
    key_got(read_first)


def key_asked(order):
    table = {"a": 1}

    def write():
        table["late"] = 1

    order(write, lambda: "late" in table)


def test_race_absent_key_in_write_first():
    key_asked(write_first)


def test_race_absent_key_in_read_first():
    key_asked(read_first)


def key_taken(order):
    table = {"a": 1}

    def write():
        table["late"] = 1

    order(write, lambda: table.pop("late", None))


def test_race_absent_key_pop_write_first():
    key_taken(write_first)


def test_race_absent_key_pop_read_first():
    key_taken(read_first)


def key_set_by_default(order):
    table = {"a": 1}
    order(lambda: table.setdefault("late", 1), lambda: table.setdefault("late", 2))


def test_race_absent_key_setdefault():
    key_set_by_default(read_first)


def key_failed(order):
    table = {"a": 1}

    def write():
        table["late"] = 1

    def read():
        try:
            return table["late"]
        except KeyError:
            return None

    order(write, read)


def test_race_absent_key_error_write_first():
    key_failed(write_first)


def test_race_absent_key_error_read_first():
    key_failed(read_first)


def member(order):
    names = {"a"}
    order(lambda: names.add("late"), lambda: "late" in names)


def test_race_absent_member_write_first():
    member(write_first)


def test_race_absent_member_read_first():
    member(read_first)


def beyond_the_end(order):
    items = [1]

    def read():
        try:
            return items[1]
        except IndexError:
            return None

    order(lambda: items.append(2), read)


def test_race_index_beyond_the_end_write_first():
    beyond_the_end(write_first)


def test_race_index_beyond_the_end_read_first():
    beyond_the_end(read_first)


def test_norace_absent_read_by_both():
    class Made:
        pass

    made = Made()
    in_turn(lambda: getattr(made, "level", 0), lambda: hasattr(made, "level"))


def test_norace_absent_on_different_objects():
    class Made:
        pass

    first, second = Made(), Made()
    in_turn(lambda: setattr(first, "level", 1), lambda: hasattr(second, "level"))


def test_norace_own_attribute_and_that_of_the_class():
    class Made:
        level = 0

    made = Made()
    made.level = 1

    def write():
        Made.level = 2

    in_turn(write, lambda: made.level)
    in_turn(lambda: made.level, write)


def test_norace_other_attribute_of_the_class():
    class Made:
        level = 0

    made = Made()

    def write():
        Made.other = 2

    in_turn(write, lambda: made.level)


def test_norace_base_behind_the_class_that_has_it():
    class Base:
        level = 0

    class Made(Base):
        level = 1

    made = Made()

    def write():
        Base.level = 2

    in_turn(write, lambda: made.level)


def test_norace_methods_called_by_both():
    class Made:
        def act(self):
            return 0

    made = Made()
    in_turn(made.act, lambda: made.act())


def test_norace_get_of_other_key():
    table = {"a": 1, "b": 2}

    def write():
        table["a"] = 2

    in_turn(write, lambda: table.get("b"))
