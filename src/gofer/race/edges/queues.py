"""The happens-before edges of `queue`: what came before the `put` of an item comes before what follows its `get`."""

from __future__ import annotations

import _queue
import collections
import queue
import sys
import types
from typing import Any

from gofer.race.edges.threads import acquire, after_any, before, is_internal, release, replace
from gofer.race.effects.peek import of_class
from gofer.race.engine import detector

ITEMS = "_gofer_race_items"
GETS = "_gofer_race_gets"
KINDS = (queue.Queue, queue.LifoQueue, queue.PriorityQueue)


class SimpleQueue:
    """A `queue.SimpleQueue` whose items carry the clock of their `put`."""

    def __new__(cls) -> Any:
        inner = cls is SimpleQueue and is_internal(sys._getframe(1))
        return _queue.SimpleQueue() if inner else object.__new__(cls)

    def __init__(self) -> None:
        self._items: Any = _queue.SimpleQueue()

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:
        self._items.put((item, detector.snapshot_of(detector.current())))

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        item, clock = self._items.get(block, timeout)
        detector.acquire_into(detector.current(), clock)
        return item

    def put_nowait(self, item: Any) -> None:
        self.put(item)

    def get_nowait(self) -> Any:
        return self.get(False)

    def empty(self) -> bool:
        return bool(self._items.empty())

    def qsize(self) -> int:
        return int(self._items.qsize())

    __class_getitem__: Any = classmethod(types.GenericAlias)


def putting(original: Any) -> Any:
    """`_put`, with the queue's lock held. The k-th get comes before the put that needs its place."""

    def _put(self: Any, item: Any) -> None:
        gets = self.__dict__.setdefault(GETS, [0, collections.deque()])
        gets[0] += 1
        if 0 < self.maxsize < gets[0] and gets[1]:
            detector.acquire_into(detector.current(), gets[1].popleft())
        items = self.__dict__.setdefault(ITEMS, {})
        items.setdefault(id(item), collections.deque()).append(detector.snapshot_of(detector.current()))
        original(self, item)

    return _put


def getting(original: Any) -> Any:
    """`_get`, with the queue's lock held."""

    def _get(self: Any) -> Any:
        item = original(self)
        items = self.__dict__.get(ITEMS, {})
        clocks = items.get(id(item))
        if clocks:
            taken(self, clocks)
            if not clocks:
                del items[id(item)]
        if self.maxsize > 0 and GETS in self.__dict__:
            self.__dict__[GETS][1].append(detector.snapshot_of(detector.current()))
        return item

    return _get


def taken(target: Any, clocks: Any) -> None:
    """One of the puts of one item is over: the first, the last, or nobody knows which."""
    actor = detector.current()
    if isinstance(target, queue.PriorityQueue):
        for clock in clocks:
            detector.acquire_into(actor, clock)
        clocks.popleft()
    else:
        detector.acquire_into(actor, clocks.pop() if isinstance(target, queue.LifoQueue) else clocks.popleft())


def is_plain(kind: Any) -> bool:
    """True if a class keeps its items as the standard library's do."""
    return any(of_class(kind, "_put") is vars(known)["_put"] for known in KINDS)


def put_at_large(original: Any) -> Any:
    """`put` of a class that keeps its items in its own way: before every later `get`."""

    def put(self: Any, *args: Any, **kwargs: Any) -> None:
        if not is_plain(type(self)):
            release(self)
        original(self, *args, **kwargs)

    return put


def get_at_large(original: Any) -> Any:
    """`get` of such a class, or one that says that the queue was shut down."""

    def get(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            item = original(self, *args, **kwargs)
        except queue.Empty:
            raise
        except Exception:
            acquire(self)
            raise
        if not is_plain(type(self)):
            acquire(self)
        return item

    return get


def install() -> None:
    """Puts the edges in."""
    for kind in KINDS:
        replace(kind, "_put", putting)
        replace(kind, "_get", getting)
    replace(queue.Queue, "put", put_at_large)
    replace(queue.Queue, "get", get_at_large)
    replace(queue.Queue, "task_done", before)
    replace(queue.Queue, "join", after_any)
    if hasattr(queue.Queue, "shutdown"):
        replace(queue.Queue, "shutdown", before)
    replace(queue, "SimpleQueue", lambda original: SimpleQueue)
