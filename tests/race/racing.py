"""What the cases share: bodies that run unordered, as goroutines and as threads, and classes of what is accessed."""

import _thread
import dataclasses
import functools
import threading
from typing import NamedTuple

from gofer import runtime, sync


class Box:
    def __init__(self):
        self.value = 0
        self.other = 0


class Counter:
    total = 0

    def __init__(self):
        self.value = 0
        self.__secret = 0

    def increment(self):
        self.value += 1

    def hide(self):
        self.__secret += 1

    @property
    def double(self):
        return self.value * 2

    @double.setter
    def double(self, n):
        self.value = n // 2

    @classmethod
    def count(cls):
        cls.total += 1

    @staticmethod
    def bump(counter):
        counter.value += 1


class Child(Counter):
    pass


class Slotted:
    __slots__ = ("x", "y")


class SlottedChild(Slotted):
    __slots__ = ("z",)


@dataclasses.dataclass
class Point:
    x: int = 0
    y: int = 0


@dataclasses.dataclass(slots=True)
class SlottedPoint:
    x: int = 0


class Descriptor:
    """A data descriptor that keeps nothing: reading and writing it is no access."""

    def __get__(self, instance, owner):
        return 1

    def __set__(self, instance, value):
        pass


class Storing:
    """A data descriptor that keeps its value in another attribute."""

    def __get__(self, instance, owner):
        return instance.kept

    def __set__(self, instance, value):
        instance.kept = value


class Described:
    quiet = Descriptor()
    stored = Storing()

    def __init__(self):
        self.kept = 0


class Dynamic:
    def __getattr__(self, name):
        return 5


class Custom:
    def __setattr__(self, name, value):
        object.__setattr__(self, name, value)


class Cached:
    @functools.cached_property
    def costly(self):
        return 1


class Pair(NamedTuple):
    a: int
    b: int


failed = []


def attempt(body):
    """Runs a body; where bodies race, one may well find its container changed under it."""
    try:
        body()
    except (LookupError, RuntimeError, ValueError) as error:
        failed.append(error)


def both(*bodies):
    """Each body in a goroutine of its own; returns when all have ended."""
    group = sync.WaitGroup()
    for body in bodies:
        group.go(attempt, body)
    group.wait()


def together(*bodies):
    """Each body in a thread of its own; returns when all have ended."""
    threads = [threading.Thread(target=attempt, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_turn(*bodies):
    """Each body in a goroutine of its own, one after the other, by locks that the detector knows nothing of."""
    done = [_thread.allocate_lock() for _ in bodies]

    def run(turn):
        while turn > 0 and not done[turn - 1].locked():
            runtime.gosched()
        attempt(bodies[turn])
        done[turn].acquire()

    both(*[functools.partial(run, turn) for turn in range(len(bodies))])


def drain(iterable):
    for _ in iterable:
        pass
