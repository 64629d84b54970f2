"""The happens-before edges of `threading`, put in by wrapping its operations.

What the standard library's own modules make for themselves is left alone: `Queue.mutex` would order every `put` with
every `get`, the event of a thread that starts its first step with whoever started it.
"""

from __future__ import annotations

import _thread
import atexit
import collections
import functools
import importlib
import logging
import sys
import threading
import types
import weakref
from collections.abc import Callable
from typing import Any

from gofer._core.sched import scheduler
from gofer.race.effects import library
from gofer.race.effects.peek import of_class
from gofer.race.engine import detector
from gofer.race.rewriting import imports, loader

CLOCK = "_gofer_race_clock"
INNER = "_gofer_race_inner"
ROUND = "_gofer_race_round"
PLACES = "_gofer_race_places"
INTERNAL = {"threading", "queue", "logging", "concurrent.futures._base", "concurrent.futures.thread", "subprocess"}
EXIT: dict[str, Any] = {}
_undo: list[tuple[Any, str, Any]] = []


def is_internal(frame: Any) -> bool:
    """True if a frame is of a module whose own synchronisation orders nothing.

    A program's kind of queue relies on the lock of `Queue`.
    """
    name = frame.f_globals.get("__name__")
    if name == "queue":
        put = of_class(type(frame.f_locals.get("self")), "_put")
        return put is None or put.__module__ == "queue"
    return name in INTERNAL or (isinstance(name, str) and name.startswith("gofer."))


def release(target: Any) -> None:
    """The running actor's past goes into the clock of the object."""
    if INNER not in target.__dict__:
        clock = detector.snapshot_of(detector.current())
        with detector.GATE:
            target.__dict__[CLOCK] = detector.join(target.__dict__.get(CLOCK), clock)


def acquire(target: Any) -> None:
    """What was released into the object's clock happened before what the running actor does next."""
    if INNER not in target.__dict__:
        detector.acquire_into(detector.current(), target.__dict__.get(CLOCK))


def release_at_exit() -> None:
    """The running actor's past comes before what runs at the end of the program."""
    clock = detector.snapshot_of(detector.current())
    with detector.GATE:
        EXIT["clock"] = detector.join(EXIT.get("clock"), clock)


class Kind(type):
    """The metaclass of the locks below: the standard library's are instances of them, too."""

    factory: Callable[[], Any]

    def __instancecheck__(cls, instance: Any) -> bool:
        return type.__instancecheck__(cls, instance) or type(instance) is cls.plain

    @property
    def plain(cls) -> type:
        """The class of the standard library's lock."""
        return type(cls.factory())


class Lock(metaclass=Kind):
    """A `threading.Lock` that orders: an unlock happens before the next lock.

    The standard library's own modules get the plain one.
    """

    __module__ = "_thread"
    factory: Callable[[], Any] = _thread.allocate_lock

    def __new__(cls) -> Any:
        frame = sys._getframe(1)
        if frame.f_code is threading.Condition.__init__.__wrapped__.__code__ and frame.f_back is not None:  # type: ignore[attr-defined]
            frame = frame.f_back.f_back or frame
        return cls.factory() if is_internal(frame) else object.__new__(cls)

    def __init__(self) -> None:
        self._raw = type(self).factory()
        self._clock: Any = None
        self._holder: Any = None

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        taken: bool = self._raw.acquire(blocking, timeout)
        if taken:
            self._locked()
        return taken

    def release(self) -> None:
        before = self._clock
        self._unlocking()
        try:
            self._raw.release()
        except RuntimeError:
            self._clock = before
            raise

    acquire_lock, release_lock = acquire, release

    def _locked(self) -> None:
        self._holder = detector.current()
        detector.acquire_into(self._holder, self._clock)

    def _seen(self) -> None:
        detector.acquire_into(detector.current(), self._clock)

    def _unlocking(self) -> None:
        actor = detector.current()
        clock = detector.snapshot_of(actor)
        self._clock = clock if self._holder is actor else detector.join(self._clock, clock)

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *exc: object) -> None:
        self.release()

    def __getattr__(self, name: str) -> Any:
        return getattr(object.__getattribute__(self, "_raw"), name)

    def __repr__(self) -> str:
        return repr(self._raw)

    def __reduce__(self) -> Any:
        return self._raw.__reduce__()


class RLock(Lock):
    """A `threading.RLock` that orders."""

    __module__ = "threading"
    factory = staticmethod(threading.RLock)

    def _release_save(self) -> Any:
        self._unlocking()
        return self._raw._release_save()

    def _acquire_restore(self, state: Any) -> None:
        self._raw._acquire_restore(state)
        self._locked()


def replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Puts a wrapper, or another class, in place of what the owner has under a name."""
    original = owner.__dict__[name] if isinstance(owner, type) else getattr(owner, name)
    _undo.append((owner, name, original))
    wrapper = make(original)
    setattr(owner, name, wrapper if isinstance(wrapper, type) else functools.wraps(original)(wrapper))


def before(original: Any) -> Any:
    """The operation releases."""

    def operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        release(self)
        return original(self, *args, **kwargs)

    return operation


def after(original: Any) -> Any:
    """The operation acquires where it returns a true value."""

    def operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = original(self, *args, **kwargs)
        if result:
            acquire(self)
        return result

    return operation


def after_any(original: Any) -> Any:
    """The operation acquires, whatever it returns or raises."""

    def operation(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return original(self, *args, **kwargs)
        finally:
            acquire(self)

    return operation


def making(original: Any) -> Any:
    """`__init__`; what the standard library's modules make for themselves orders nothing."""

    def initialize(self: Any, *args: Any, **kwargs: Any) -> None:
        frame: Any = sys._getframe(1)
        while frame.f_code.co_name == "__init__" and frame.f_locals.get("self") is self:
            frame = frame.f_back
        if is_internal(frame):
            self.__dict__[INNER] = True
        original(self, *args, **kwargs)

    return initialize


# -- barriers: what a round's threads did before it comes before what they do after it --


def entering(original: Any) -> Any:
    """`Barrier._enter`, with the barrier's lock held: a thread has come."""

    def _enter(self: Any) -> None:
        original(self)
        clock = detector.snapshot_of(detector.current())
        self.__dict__[ROUND] = detector.join(self.__dict__.get(ROUND), clock)

    return _enter


def opening(original: Any) -> Any:
    """`Barrier._release`, with the barrier's lock held: the last thread has come, and runs the action."""

    def _release(self: Any) -> None:
        clock = self.__dict__.pop(ROUND, None)
        detector.acquire_into(detector.current(), clock)
        original(self)
        self.__dict__[CLOCK] = detector.join(clock, detector.snapshot_of(detector.current()))

    return _release


# -- semaphores: the k-th release comes before the acquire number k + value, which needs it --


def counting(original: Any) -> Any:
    """`Semaphore.__init__`: the places that are free from the start, and the clocks of those that were released."""

    def initialize(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.__dict__[PLACES] = [self._value, collections.deque()]

    return making(initialize)


def giving(original: Any) -> Any:
    """`Semaphore.release`."""

    def release(self: Any, *args: Any, **kwargs: Any) -> None:
        count = args[0] if args else kwargs.get("n", 1)
        if INNER in self.__dict__ or PLACES not in self.__dict__ or not isinstance(count, int):
            original(self, *args, **kwargs)
            return
        clock = detector.snapshot_of(detector.current())
        with detector.GATE:
            self.__dict__[PLACES][1].extend([clock] * count)
        try:
            original(self, *args, **kwargs)
        except BaseException:
            with detector.GATE:
                for _ in range(count):
                    self.__dict__[PLACES][1].remove(clock)
            raise

    return release


def taking(original: Any) -> Any:
    """`Semaphore.acquire`."""

    def acquire(self: Any, *args: Any, **kwargs: Any) -> Any:
        taken = original(self, *args, **kwargs)
        places = self.__dict__.get(PLACES)
        if taken and places is not None and INNER not in self.__dict__:
            with detector.GATE:
                clock = None if places[0] > 0 else places[1].popleft()
                places[0] -= clock is None
            detector.acquire_into(detector.current(), clock)
        return taken

    return acquire


# -- logging: the lock of a handler orders where it is the program's own code that runs under it --


def ordered(kind: type[Lock]) -> Any:
    """A lock that orders, whoever makes it."""
    lock: Any = object.__new__(kind)
    kind.__init__(lock)
    return lock


def is_programs(function: Any) -> bool:
    """True if a function has probes in it."""
    return type(function) is types.FunctionType and function.__code__.co_filename in loader.REWRITTEN


def handling(original: Any) -> Any:
    """`Handler.createLock`."""

    def create_lock(self: Any) -> None:
        original(self)
        if is_programs(of_class(type(self), "emit")):
            self.lock = ordered(RLock)

    return create_lock


def streaming(original: Any) -> Any:
    """`StreamHandler.__init__`."""

    def initialize(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if is_programs(of_class(type(self.stream), "write")):
            self.lock = ordered(RLock)

    return initialize


# -- threads --


def starting(original: Any) -> Any:
    """`Thread.start`; the new thread's actor is set when its `run` begins, which subclasses override."""

    def start(self: Any) -> None:
        if not self._initialized:
            original(self)  # says so
            return
        actor = detector.Actor("thread", self.name, detector.start_here())
        actor.thread = weakref.ref(self)
        own = self.__dict__.get("run")
        run, hook = self.run, self._invoke_excepthook
        if getattr(self, "_target", None) is not None:
            self._target = library.watched(self._target)
        if isinstance(self, threading.Timer):
            self.function = library.watched(self.function)

        def body() -> None:
            restore_run(self, own)
            actor.name = self.name
            scheduler.current().local = actor
            run()
            finish_thread(self, actor, hook)

        def raised(thread: Any) -> None:
            """The program's `threading.excepthook` is still part of the thread."""
            try:
                hook(thread)
            finally:
                finish_thread(self, actor, hook)

        self.run, self._invoke_excepthook = body, raised
        try:
            original(self)
        except BaseException:
            restore_run(self, own)
            self._invoke_excepthook = hook
            raise

    return start


def finish_thread(thread: Any, actor: Any, hook: Any) -> None:
    """The thread has done all that a `join` waits for. A pool's thread has gone on as the actors of its tasks."""
    thread._invoke_excepthook = hook
    last = detector.current()
    ended = detector.join(detector.snapshot_of(last), detector.snapshot_of(actor))
    thread.__dict__["_gofer_race_end"] = detector.join(ended, thread.__dict__.get("_gofer_race_tasks"))
    if not thread.daemon:
        release_at_exit()
    detector.end_actor(last)
    detector.end_actor(actor)


def restore_run(thread: Any, own: Any) -> None:
    """The thread has its `run` as the program left it."""
    if own is None:
        thread.__dict__.pop("run", None)
    else:
        thread.run = own


def starting_plain(original: Any) -> Any:
    """`_thread.start_new_thread`."""

    def start_new_thread(function: Any, args: Any, *named: Any) -> Any:
        actor = detector.Actor("thread", "", detector.start_here())

        def body(*given: Any, **kwargs: Any) -> None:
            scheduler.current().local = actor
            thread = threading.current_thread()
            actor.name, actor.thread = thread.name, weakref.ref(thread)
            try:
                function(*given, **kwargs)
            finally:
                detector.end_actor(detector.current())

        return original(body, args, *named)

    return start_new_thread


def joining(original: Any) -> Any:
    """`Thread.join`."""

    def join(self: Any, timeout: float | None = None) -> None:
        original(self, timeout)
        if not self.is_alive():
            detector.acquire_into(detector.current(), self.__dict__.get("_gofer_race_end"))

    return join


def living(original: Any) -> Any:
    """`Thread.is_alive`, which may say that the thread has ended."""

    def is_alive(self: Any) -> Any:
        alive = original(self)
        if not alive:
            detector.acquire_into(detector.current(), self.__dict__.get("_gofer_race_end"))
        return alive

    return is_alive


def shutting(original: Any) -> Any:
    """`threading._shutdown`: the interpreter waits for every thread that is no daemon, and then calls `atexit`'s."""

    def _shutdown() -> None:
        original()
        detector.acquire_into(detector.current(), EXIT.get("clock"))

    return _shutdown


def registering(original: Any) -> Any:
    """`atexit.register`."""

    def register(func: Any, /, *args: Any, **kwargs: Any) -> Any:
        release_at_exit()
        return original(func, *args, **kwargs)

    return register


def install() -> None:
    """Puts the edges in."""
    for kind in (threading.Event, threading.Condition):
        replace(kind, "__init__", making)
    replace(threading.Semaphore, "__init__", counting)
    replace(threading, "Lock", lambda original: Lock)
    replace(threading, "RLock", lambda original: RLock)
    replace(_thread, "allocate_lock", lambda original: Lock)
    for name in ("LockType", "lock"):
        if hasattr(_thread, name):
            replace(_thread, name, lambda original: Lock)
    replace(_thread, "start_new_thread", starting_plain)
    replace(threading.Thread, "start", starting)
    replace(threading.Thread, "join", joining)
    replace(threading.Thread, "is_alive", living)
    replace(threading, "_shutdown", shutting)
    replace(atexit, "register", registering)
    replace(threading.Event, "set", before)
    replace(threading.Event, "wait", after)
    replace(threading.Event, "is_set", after)
    replace(threading.Condition, "notify", before)
    replace(threading.Condition, "wait", after)
    replace(threading.Barrier, "_enter", entering)
    replace(threading.Barrier, "_release", opening)
    replace(threading.Barrier, "_exit", after_any)
    replace(threading.Semaphore, "release", giving)
    replace(threading.Semaphore, "acquire", taking)
    replace(threading.Semaphore, "__enter__", lambda original: threading.Semaphore.acquire)
    replace(threading.BoundedSemaphore, "release", giving)
    replace(logging.Handler, "createLock", handling)
    replace(logging.StreamHandler, "__init__", streaming)
    replace(importlib, "import_module", imports.importing)


def uninstall() -> None:
    """Takes the edges out, those of `queues` and `futures` as well."""
    while _undo:
        owner, name, original = _undo.pop()
        setattr(owner, name, original)
