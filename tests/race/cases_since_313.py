"""What is new in Python 3.13."""

import array
import copy
import dataclasses
import queue
import types

from racing import Box, Point, both


def test_race_copy_replace_of_dataclass():
    point = Point()
    both(lambda: copy.replace(point, y=1), lambda: setattr(point, "x", 1))


def test_race_copy_replace_of_namespace():
    space = types.SimpleNamespace(x=1, y=2)
    both(lambda: copy.replace(space, y=1), lambda: setattr(space, "x", 1))


def test_race_copy_replace_of_own_class():
    class Own(Box):
        def __replace__(self, **changes):
            return self.value

    own = Own()
    both(lambda: copy.replace(own), lambda: setattr(own, "value", 1))


def test_norace_copy_replace_of_own_class():
    class Own(Box):
        def __replace__(self, **changes):
            return self.value

    own = Own()
    both(lambda: copy.replace(own), lambda: setattr(own, "other", 1))


def test_norace_copy_replace():
    point = Point()
    both(lambda: copy.replace(point, y=1), lambda: dataclasses.replace(point, x=1))


def test_race_array_cleared():
    items = array.array("i", [1, 2])
    both(lambda: items.clear(), lambda: items[0])


def test_norace_shut_down_queue():
    jobs, box = queue.Queue(), Box()

    def first():
        box.value = 1
        jobs.shutdown()

    def second():
        try:
            jobs.get()
        except queue.ShutDown:
            box.value = 2

    both(first, second)


def test_race_type_parameter_with_default():
    box = Box()

    def make():
        class Generic[T = int]:
            def get(self):
                return box.value

        return Generic().get()

    both(make, lambda: setattr(box, "value", 1))
