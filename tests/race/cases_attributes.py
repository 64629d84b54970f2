"""Attributes: of instances, slots and classes, by syntax and by name. A docstring is what the report must name."""

import operator

import racing
from racing import (
    Box,
    Child,
    Counter,
    Custom,
    Described,
    Dynamic,
    Point,
    Slotted,
    SlottedChild,
    SlottedPoint,
    both,
    together,
)


def test_race_counter_method():
    """Counter.value"""
    c = Counter()
    both(c.increment, c.increment)


def test_race_counter_threads():
    """Counter.value"""
    c = Counter()
    together(lambda: c.increment(), lambda: c.increment())


def test_race_mangled():
    """Counter._Counter__secret"""
    c = Counter()
    both(c.hide, c.hide)


def test_race_write_write():
    """Box.value"""
    box = Box()

    def one():
        box.value = 1

    def two():
        box.value = 2

    both(one, two)


def test_race_write_then_read():
    box = Box()

    def one():
        box.value = 1

    both(one, lambda: box.value)


def test_race_read_then_write():
    box = Box()

    def one():
        box.value = 1

    both(lambda: box.value, one)


def test_race_new_attribute():
    """Box.fresh"""
    box = Box()

    def one():
        box.fresh = 1

    both(one, one)


def test_race_delete_attribute():
    box = Box()
    box.extra = 1

    def drop():
        del box.extra

    both(drop, lambda: getattr(box, "extra", None))


def test_race_delattr():
    box = Box()
    box.extra = 1
    both(lambda: delattr(box, "extra"), lambda: hasattr(box, "extra"))


def test_race_setattr_against_syntax():
    """Box.value"""
    box = Box()

    def one():
        box.value = 1

    both(lambda: setattr(box, "value", 2), one)


def test_race_getattr_default():
    box = Box()
    both(lambda: setattr(box, "late", 2), lambda: getattr(box, "late", 0))


def test_race_hasattr():
    box = Box()
    both(lambda: setattr(box, "late", 2), lambda: hasattr(box, "late"))


def test_race_object_setattr():
    """Box.value"""
    box = Box()
    both(lambda: object.__setattr__(box, "value", 2), lambda: box.value)


def test_race_attrgetter():
    box = Box()
    both(lambda: setattr(box, "value", 1), lambda: operator.attrgetter("value")(box))


def test_race_custom_setattr():
    """Custom.value"""
    custom = Custom()

    def one():
        custom.value = 1

    both(one, one)


def test_race_property_getter():
    """Counter.value"""
    c = Counter()
    both(c.increment, lambda: c.double)


def test_race_property_setter():
    """Counter.value"""
    c = Counter()

    def one():
        c.double = 4

    both(one, one)


def test_race_storing_descriptor():
    """Described.kept"""
    d = Described()

    def one():
        d.stored = 4

    both(one, lambda: d.stored)


def test_norace_silent_descriptor():
    d = Described()

    def one():
        d.quiet = 4

    both(one, lambda: d.quiet)


def test_norace_dynamic_getattr():
    d = Dynamic()
    both(lambda: d.anything, lambda: d.anything)


def test_race_slot():
    """Slotted.x"""
    s = Slotted()

    def one():
        s.x = 1

    both(one, one)


def test_race_inherited_slot():
    """SlottedChild.x"""
    s = SlottedChild()
    s.x = 0

    def one():
        s.x = 1

    both(one, lambda: s.x)


def test_norace_slots():
    s = SlottedChild()

    def one():
        s.x = 1

    def two():
        s.z = 1

    both(one, two)


def test_race_slot_augmented():
    s = Slotted()
    s.y = 0

    def one():
        s.y += 1

    together(one, one)


def test_race_slot_setattr():
    s = Slotted()
    s.y = 0
    together(lambda: setattr(s, "y", 1), lambda: setattr(s, "y", 2))


def test_race_class_variable():
    """Counter.total"""

    def one():
        Counter.total += 1

    both(one, one)


def test_race_classmethod():
    """Counter.total"""
    both(Counter.count, Counter.count)


def test_race_class_variable_through_instance():
    """Counter.total"""
    c = Counter()

    def one():
        Counter.total = 5

    both(one, lambda: c.total)


def test_race_class_variable_through_child():
    """Counter.total"""

    def one():
        Counter.total = 6

    both(one, lambda: Child.total)


def test_race_class_variable_shadowed_by_instance():
    """Counter.total"""
    c = Counter()

    def one():
        c.total = 5

    both(one, lambda: c.total)


def test_norace_instances_of_a_class():
    a, b = Counter(), Counter()
    both(a.increment, b.increment)


def test_norace_class_variable_reads():
    c = Counter()
    both(lambda: Counter.total, lambda: c.total, lambda: Child.total)


def test_norace_method_lookup():
    c = Counter()
    both(lambda: c.increment, lambda: c.double)


def test_race_staticmethod():
    c = Counter()
    both(lambda: Counter.bump(c), lambda: Counter.bump(c))


def test_race_monkeypatched_method():
    class Local:
        def hello(self):
            return 1

    def patch():
        Local.hello = lambda self: 2

    both(patch, patch)


def test_race_dataclass():
    """Point.x"""
    p = Point()

    def one():
        p.x += 1

    both(one, one)


def test_race_slotted_dataclass():
    """SlottedPoint.x"""
    p = SlottedPoint()

    def one():
        p.x += 1

    both(one, one)


def test_norace_dataclass_fields():
    p = Point()

    def one():
        p.x += 1

    def two():
        p.y += 1

    both(one, two)


def test_race_dataclass_compared():
    p, q = Point(), Point()

    def one():
        p.x = 1

    both(one, lambda: p == q)


def test_race_dataclass_shown():
    p = Point()

    def one():
        p.x = 1

    both(one, lambda: repr(p))


def test_race_function_attribute():
    def f():
        pass

    f.calls = 0

    def one():
        f.calls += 1

    both(one, one)
