"""FastTrack: who accessed what, at which time of which clock, and what of it was not ordered.

The checks are C (`shadow.h`, `clocks.h`, `depot.h`, `known.h`), and so is what most accesses come to (`attributes.h`,
`elements.h`, `calls.h`); here are the actors, goroutines and threads, what they release and acquire, and what the rest
of the detector and the core call. Compiled only.
"""

# mypy: disable-error-code="name-defined,no-any-return,attr-defined,has-type"
# ruff: noqa: F821

from __future__ import annotations

import _thread
import array
import collections
import functools
import threading
import types
from typing import Any

from gofer._core.machine import borrow, hooks
from gofer._core.sched import scheduler
from gofer._core.sync import plainmap

STRUCTURE = ("structure",)
WHOLE = ("elements",)
GATE = _thread.RLock()
STATE: dict[str, Any] = {"sink": None, "steps": None, "watched": None}


class Switch:
    """True if accesses are recorded."""

    @property
    def on(self) -> bool:
        """True if they are."""
        return race_on

    @on.setter
    def on(self, on: bool) -> None:
        race_switch(on)


SWITCH = Switch()


class Actor:
    """A goroutine or a thread. The shadows of what it accessed hold it; once it has ended it is a small record.

    `start` says when and where it was created (`start_here`); None: nobody watched did that.
    """

    def __init__(self, kind: str, name: Any, start: Any) -> None:
        self.kind = kind
        self.name = name
        self.thread: Any = None
        self.at.self = race_address(self)
        if start is not None:
            created: Start = start
            self.forked = True
            acquire_into(self, created.clock)
            self.origin = created.stack
        self.at.epoch = race_slot_take(self.at.seen)
        self.first = self.at.epoch

    def __dealloc__(self) -> None:
        race_node_drop(self.at.seen)
        race_node_drop(self.at.bare)

    @property
    def quiet(self) -> int:
        """Accesses are not recorded while this is not 0."""
        return self.at.quiet

    @quiet.setter
    def quiet(self, depth: int) -> None:
        self.at.quiet = depth

    @property
    def created(self) -> Any:
        """The stack that created it, or None where nobody watched did."""
        return race_stack(self.origin) if self.forked else None


class Clock:
    """What an actor had done and seen when it released; never changed."""

    def __dealloc__(self) -> None:
        race_node_drop(self.seen)
        race_node_drop(self.bare)


class Start:
    """A release, and the stack of who released: so an actor begins that is created by it, then or later."""


class Stand:
    """Keeps a thread's stand-in, which the thread has at hand while this is there."""

    def __init__(self, g: Any) -> None:
        self.g = g

    def __dealloc__(self) -> None:
        race_set_thread(borrow.NOTHING)


_stands = threading.local()


def label(actor: Any) -> str:
    """How reports name an actor."""
    return f"{actor.kind} {actor.name}" if actor.name else str(actor.kind)


def current() -> Actor:
    """The actor that is running."""
    at = local_here()
    if at and at != race_address(None):
        return borrow.get(at)
    return adopt()


def adopt() -> Actor:
    """The first access or edge of a goroutine or thread that nobody watched started."""
    g: Any = scheduler.current()
    if g.id == 0 and g.thread is not None:
        _stands.stand = Stand(g)
        race_set_thread(race_address(g))
    actor = g.local
    if actor is None:
        if g.id == 1:
            actor = Actor("main goroutine", "", None)
        elif g.thread is not None:
            actor = Actor("thread", g.thread.name, None)
        else:
            actor = Actor("goroutine", g.id, None)
        g.local = actor
    return actor


def here() -> Any:
    """The running actor, borrowed, None or NULL; for the checks."""
    return local_here()


def adopted() -> Any:
    """The running actor, borrowed, where it has to be made first; for the checks."""
    return race_address(adopt())


def released() -> Any:
    """What the running actor did so far, for the checks."""
    return snapshot_of(current())


def acquired(clock: Any) -> None:
    """The running actor has seen what was released with a clock, for the checks."""
    acquire_into(current(), clock)


def snapshot_of(actor: Actor) -> Clock:
    """A release: what the actor did so far; its time goes on, unless nothing was recorded since the last release."""
    made = actor.last
    if made is not None and actor.at.used < race_time(actor.at.epoch):
        return made
    made = Clock()
    made.seen = race_node_hold(actor.at.seen)
    made.bare = race_node_hold(actor.at.bare)
    made.epoch = actor.at.epoch
    race_tick(race_at(actor.at))
    actor.last = made
    return made


def start_here() -> Start:
    """The running actor creates one that begins now, or later."""
    made = Start()
    made.clock = snapshot_of(current())
    made.stack = race_capture()
    return made


def acquire_into(actor: Actor, clock: Any) -> None:
    """The actor has seen what was released with `clock`."""
    if clock is None:
        return
    given = clock
    if race_learn(race_at(actor.at), given.seen, given.bare, given.epoch):
        actor.last = None


def join(a: Any, b: Any) -> Any:
    """The least clock that has seen what either has."""
    if a is None or b is None or a is b:
        return a if b is None else b
    first, second = a, b
    joined = Clock()
    joined.seen = race_node_join(first.seen, second.seen)
    joined.bare = race_node_join(first.bare, second.bare)
    if first.epoch:
        joined.seen = race_node_raise(joined.seen, first.epoch)
    if second.epoch:
        joined.seen = race_node_raise(joined.seen, second.epoch)
    return joined


def end_actor(actor: Actor) -> None:
    """The actor has ended: its slot can go to one that is ordered after it."""
    if actor.finished:
        return
    actor.finished = True
    needed = actor.at.used
    if actor.at.epoch != actor.first and race_time(actor.at.epoch) - 1 > needed:
        needed = race_time(actor.at.epoch) - 1
    race_slot_give(actor.at.epoch, needed)
    actor.last = None


def key_of(key: Any) -> Any:
    """The word for a key as Python has it: a name, one of the constants above, or a tuple."""
    if type(key) is str:
        return race_key_attribute(key)
    if key is STRUCTURE:
        return RACE_STRUCTURE
    if key is WHOLE:
        return RACE_WHOLE
    if key[0] == "[":
        return race_key_element(key[1])
    if key[0] == "id":
        return race_key_identity(key[1])
    return race_key_element(key) if key[0] == "hash" else race_key_variable(key)


def access(target: Any, key: Any, write: bool) -> None:
    """An access of the running actor to one part of an object: an attribute, the structure, something of its own."""
    at = race_recording()
    if at:
        if key is STRUCTURE and race_is_map(target):
            race_one(at, target, race_key_attribute(plainmap.ENTRIES), write)
        elif key is STRUCTURE and write:
            race_structure(at, target, 0)
        else:
            race_one(at, target, key_of(key), write)


def element(target: Any, key: Any, write: bool) -> None:
    """An access to one element of a container: it needs the structure, and what read the whole is related to it."""
    at = race_recording()
    if at:
        if race_is_map(target):
            access(target, STRUCTURE, write)
        else:
            race_element(at, target, key_of(key), write)


def resize(target: Any, key: Any) -> None:
    """An element of a container comes or goes."""
    at = race_recording()
    if at:
        if race_is_map(target):
            access(target, STRUCTURE, True)
        else:
            race_structure(at, target, key_of(key))


def whole(target: Any) -> None:
    """A read of everything that a container holds."""
    at = race_recording()
    if at:
        if race_is_map(target):
            access(target, STRUCTURE, False)
        else:
            race_whole(at, target)


def attribute(target: Any, name: str, write: bool) -> None:
    """An access to `target.name` by `getattr` and the like; `name` is interned."""
    race_attribute(target, name, write)


def told(target: Any, write: bool, found: Any) -> None:
    """Hands the races of an access to the reporter; nothing that the reporter does is an access."""
    sink = STATE["sink"]
    if sink is None:
        return
    actor = current()
    stack = race_stack(race_capture())
    actor.at.quiet += 1
    try:
        for tag, key, before, other, seen in found:
            mine = ("write" if write else "read", actor, stack)
            sink(target, named(tag, key), mine, ("write" if before else "read", other, race_stack(seen)))
    finally:
        actor.at.quiet -= 1


def named(tag: int, key: Any) -> Any:
    """A key as reports have it."""
    if tag == 4:
        return STRUCTURE if key == 1 else WHOLE
    if tag in (1, 2):
        return key if type(key) is tuple and key[:1] == ("hash",) else ("[", key)
    return ("id", key) if tag == 3 else key


def dying(target: Any) -> None:
    """A destructor starts: whoever used the object before has dropped it, which orders them."""
    if race_on:
        actor = current()
        race_access_dying(race_at(actor.at), target)
        actor.last = None


def shadow_of(target: Any) -> Any:
    """A dict that belongs to an object and goes with it; None when the object cannot be watched."""
    at = race_notes(target)
    return borrow.get(at) if at else None


def ignore(target: Any) -> None:
    """Accesses to the object are not recorded from now on."""
    race_ignore(target)


def counts() -> dict[str, int]:
    """What the detector holds; its memory in bytes."""
    return {
        "memory": race_memory(),
        "objects": race_map_count(),
        "variables": race_locations,
        "accesses recorded": race_accesses,
        "stack frames": race_frame_count,
        "clock slots": race_slots_made,
        "clock nodes": race_nodes,
    }


class Tool(hooks.Tool):
    """What the core calls."""

    def snapshot(self) -> Any:
        return snapshot_of(current())

    def acquire(self, clock: Any) -> None:
        if clock is not None:
            acquire_into(current(), clock)

    def merge(self, a: Any, b: Any) -> Any:
        return join(a, b)

    def fork(self, g: Any) -> None:
        g.local = Actor("goroutine", g.id, start_here())
        watch_call(g)

    def leave(self) -> Any:
        return start_here()

    def fork_from(self, g: Any, start: Any, clock: Any) -> None:
        left: Start = start
        begun: Start = Start()
        begun.clock = join(left.clock, clock)
        begun.stack = left.stack
        g.local = Actor("goroutine", g.id, begun)
        watch_call(g)

    def begin(self, g: Any) -> None:
        if g.local is None:
            g.local = Actor("goroutine", g.id, None) if g.id != 1 else Actor("main goroutine", "", None)

    def end(self, g: Any) -> None:
        if g.local is not None:
            end_actor(g.local)

    def read(self, target: Any, key: Any) -> None:
        access(target, key, False)

    def write(self, target: Any, key: Any) -> None:
        access(target, key, True)


class Plain:
    """A class like any other; its deallocation and `__iter__` tell plain classes from built-in types."""

    def __iter__(self) -> Any:
        return iter(())


def watch_call(g: Any) -> None:
    """A goroutine may be started with a method of a container, by itself or by a function of gofer's own."""
    made = g
    kind = type(made.fn)
    if kind is types.FunctionType or kind is types.MethodType or STATE["watched"] is None:
        return
    if kind is types.BuiltinMethodType:
        made.fn = STATE["watched"](made.fn)
    for given in made.args:
        if type(given) is types.BuiltinMethodType:
            made.args = tuple([STATE["watched"](part) for part in made.args])
            return


def check_layout(actor: Actor) -> None:
    """Stops the import where C would not find what it needs of an actor."""
    if race_actor_of(race_address(actor)) != race_at(actor.at):
        raise ImportError("gofer.race: this Cython lays out Actor otherwise than access.h expects")


def function_of(probe: Any, name: str) -> Any:
    """The C function of a probe, None where it is a method of the Probe object."""
    return race_probe_function(probe, name)


def leave_to(functions: dict[str, Any], others: tuple[type, ...]) -> None:
    """What C leaves to Python, and the types of what stands in for a container."""
    race_leave_to(functions)
    STATE["watched"] = functions["watched"]
    race_stand_ins(others)


def steps(target: Any, iterator: Any, mode: Any) -> Any:
    """An iterator that records each step over `target`; `mode` is a number of `steps.h`."""
    return race_steps_of(target, iterator, mode)


def hand_over(target: Any, value: Any, left: bool) -> None:
    """A value is about to be put into a deque by one of its synchronised methods."""
    race_hand_over(target, value, left)


def take_over(target: Any, value: Any, left: bool) -> None:
    """A value comes out of a deque by one of its synchronised methods."""
    race_take_over(target, value, left)


METHODS = {
    RACE_OP_RESIZE: {
        list: ("append", "insert", "pop", "clear", "reverse"), set: ("add", "discard", "remove", "pop", "clear"),
        dict: ("popitem", "clear"), bytearray: ("append", "pop", "clear", "reverse"), collections.deque: ("clear",),
    },
    RACE_OP_STRUCTURE: {dict: ("keys", "values", "items")},
    RACE_OP_PUT: {collections.deque: ("append",)}, RACE_OP_PUT_LEFT: {collections.deque: ("appendleft",)},
    RACE_OP_TAKE: {collections.deque: ("pop",)}, RACE_OP_TAKE_LEFT: {collections.deque: ("popleft",)},
    RACE_OP_READ: {str: ("join", "format"), bytes: ("join",)}, RACE_OP_GET: {dict: ("get",)},
    RACE_OP_POP: {dict: ("pop",)}, RACE_OP_SETDEFAULT: {dict: ("setdefault",)},
}  # fmt: skip
FUNCTIONS = {
    RACE_OP_SIZE: (len, bool), RACE_OP_READ: (str, repr, print, format, dict, ascii), RACE_OP_NEXT: (next,),
    RACE_OP_LISTED: (sorted, sum, min, max, any, all, list, tuple, set, frozenset, bytes, bytearray),
    RACE_OP_GETATTR: (getattr, hasattr), RACE_OP_SETATTR: (setattr, delattr),
}  # fmt: skip


def start() -> None:
    """Tells the C what it needs to know of Python."""
    race_watch_start(Plain)
    check_layout(Actor("layout", "", None))
    race_access_start(here, adopted, told)
    race_kinds_start(threading.local, collections.deque, array.array, functools.cached_property)
    race_maps_start(plainmap.Map, plainmap.ENTRIES)
    race_handover_start(released, acquired)
    STATE["steps"] = race_steps_start("next", Plain)
    race_caches_start(functools._lru_cache_wrapper)
    for op, names_of in METHODS.items():
        for kind, names in names_of.items():
            for name in names:
                race_op_add(getattr(kind, name), op)
    for op, functions in FUNCTIONS.items():
        for function in functions:
            race_op_add(function, op)


start()
