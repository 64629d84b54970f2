"""FastTrack: who accessed what, at which time of which clock, and what of it was not ordered.

A clock is a dict from slot to time; one that was handed out is never changed again. An actor is a goroutine or a
thread. A location keeps its last write and the reads since; an epoch is (slot, time).
"""

from __future__ import annotations

import _thread
import sys
from typing import Any

from gofer._core import scheduler
from gofer.race import native

STRUCTURE = ("structure",)
WHOLE = ("elements",)
IGNORED = ("ignored",)
GATE = _thread.RLock()
GIL = getattr(sys, "_is_gil_enabled", lambda: True)()
FREE_SLOTS: list[Any] = []
FOUND: list[Any] = []
STATE: dict[str, Any] = {"slots": 0, "sink": None}


class Switch:
    """Whether accesses are recorded."""

    def __init__(self) -> None:
        self.on = False


SWITCH = Switch()
switch = SWITCH


class Actor:
    """A goroutine or a thread."""

    def __init__(self, kind: str, name: str, parent: Any) -> None:
        self.kind = kind
        self.name = name
        self.clock = {} if parent is None else snapshot_of(parent)
        self.shared = True
        self.slot, self.time = take_slot(self.clock)
        self.created = None if parent is None else native.capture()
        self.created_name = None if parent is None else label(parent)
        self.finished = False
        self.used = 0
        self.quiet = 0
        self.thread = None


def label(actor: Any) -> str:
    """How reports name an actor."""
    return f"{actor.kind} {actor.name}" if actor.name else str(actor.kind)


def take_slot(clock: Any) -> Any:
    """A slot of an actor that has ended before what `clock` has seen, else a new one."""
    GATE.acquire()
    taken = None
    for index in range(len(FREE_SLOTS) - 1, max(len(FREE_SLOTS) - 9, -1), -1):
        slot, used, time = FREE_SLOTS[index]
        if clock.get(slot, 0) >= used:
            del FREE_SLOTS[index]
            taken = slot, time + 1
            break
    if taken is None:
        STATE["slots"] += 1
        taken = STATE["slots"], 1
    GATE.release()
    return taken


def current() -> Any:
    """The actor that is running."""
    g = scheduler.current()
    actor = g.local
    if actor is None:
        actor = g.local = Actor("main goroutine", "", None) if g.id == 1 else Actor("goroutine", str(g.id), None)
    return actor


def snapshot_of(actor: Any) -> Any:
    """A release: the actor's clock; its time goes on."""
    clock = dict(actor.clock)
    clock[actor.slot] = actor.time
    actor.clock = clock
    actor.shared = True
    actor.time += 1
    return clock


def acquire_into(actor: Any, clock: Any) -> None:
    """The actor has seen what was released with `clock`."""
    if clock is None or clock is actor.clock:
        return
    mine = actor.clock
    for slot, time in clock.items():
        if mine.get(slot, 0) < time:
            if actor.shared:
                mine = actor.clock = dict(mine)
                actor.shared = False
            mine[slot] = time


def join(a: Any, b: Any) -> Any:
    """The least clock that has seen what either has."""
    if a is None or b is None:
        return a if b is None else b
    joined = dict(a)
    for slot, time in b.items():
        if joined.get(slot, 0) < time:
            joined[slot] = time
    return joined


def end_actor(actor: Any) -> None:
    """The actor has ended: its slot can go to one that is ordered after it."""
    actor.finished = True
    FREE_SLOTS.append((actor.slot, actor.used, actor.time))


class Location:
    """The last write of a variable and the reads since: (slot, time, actor, stack)."""

    def __init__(self) -> None:
        self.write: Any = None
        self.reads: dict[Any, Any] = {}
        self.w_slot = self.w_time = self.r_slot = self.r_time = 0


def conflict(location: Location, actor: Actor, write: bool) -> Any:
    """An earlier access that the actor's is not ordered after, or None."""
    last: tuple[Any, ...] | None = location.write
    if last is not None and last[0] != actor.slot and actor.clock.get(last[0], 0) < last[1]:
        return ("write", last)
    if write:
        for read in location.reads.values():
            if read[0] != actor.slot and actor.clock.get(read[0], 0) < read[1]:
                return ("read", read)
    return None


def touch(location: Location, actor: Actor, write: bool) -> Any:
    """Checks and records an access; returns the earlier one that it races with."""
    if location.w_slot == actor.slot and location.w_time == actor.time:
        return None
    if not write:
        if location.r_slot == actor.slot and location.r_time == actor.time:
            return None
        location.r_slot = actor.slot
        location.r_time = actor.time
    found = conflict(location, actor, write)
    actor.used = actor.time
    entry = (actor.slot, actor.time, actor, native.capture())
    if write:
        location.write = entry
        location.w_slot = actor.slot
        location.w_time = actor.time
        location.r_slot = 0
        location.reads = {}
        return found
    reads = location.reads
    if len(reads) == 1:
        for other in reads.values():
            if actor.clock.get(other[0], 0) >= other[1]:
                location.reads = {actor.slot: entry}
                return found
    reads[actor.slot] = entry
    return found


def shadow_of(target: Any) -> Any:
    """The locations of an object by key, or None when the object cannot be watched."""
    shadow = native.find(target)
    if shadow is None:
        shadow = {}
        if not native.put(target, shadow):
            return None
    return shadow


def access(target: Any, key: Any, write: bool) -> Any:
    """An access of the running actor to `key` of an object."""
    if not switch.on:
        return None
    actor: Actor = current()
    if actor.quiet:
        return None
    if not GIL:
        GATE.acquire()
    found = None
    shadow = shadow_of(target)
    if shadow is not None:
        location = shadow.get(key)
        if location is None and IGNORED not in shadow:
            location = shadow[key] = Location()
        if location is not None and (len(shadow) == 1 or IGNORED not in shadow):
            found = touch(location, actor, write)
    if not GIL:
        GATE.release()
    if found is not None:
        report(target, key, write, actor, found)
    return None


def element(target: Any, key: Any, write: bool) -> None:
    """An access to one element of a container: it needs the structure, and what read the whole is related to it."""
    access(target, key, write)
    access(target, STRUCTURE, False)
    if write and SWITCH.on:
        actor = current()
        shadow = native.find(target)
        whole = None if shadow is None else shadow.get(WHOLE)
        if whole is not None and not actor.quiet:
            found = conflict(whole, actor, True)
            if found is not None:
                report(target, key, True, actor, found)


def whole(target: Any) -> None:
    """A read of everything that a container holds."""
    access(target, STRUCTURE, False)
    access(target, WHOLE, False)
    if not SWITCH.on:
        return
    actor = current()
    shadow = native.find(target)
    if shadow is None or actor.quiet or IGNORED in shadow:
        return
    for key, location in list(shadow.items()):
        if key is STRUCTURE or key is WHOLE or type(location) is not Location:
            continue
        found = conflict(location, actor, False)
        if found is not None:
            report(target, key, False, actor, found)


def dying(target: Any) -> None:
    """A destructor starts: whoever used the object before has dropped it, which orders them."""
    shadow = native.find(target)
    if shadow is None:
        return
    seen: dict[Any, Any] = {}
    for location in list(shadow.values()):
        if type(location) is not Location:
            continue
        entries = list(location.reads.values())
        if location.write is not None:
            entries.append(location.write)
        for entry in entries:
            if seen.get(entry[0], 0) < entry[1]:
                seen[entry[0]] = entry[1]
    acquire_into(current(), seen)


def report(target: Any, key: Any, write: bool, actor: Actor, found: Any) -> None:
    """Hands a race to the reporter; nothing that the reporter does is an access."""
    sink = STATE["sink"]
    if sink is None:
        return
    actor.quiet += 1
    try:
        sink(target, key, ("write" if write else "read", actor, native.capture()), (found[0], found[1][2], found[1][3]))
    finally:
        actor.quiet -= 1


class Tool:
    """What the core calls (gofer._core.hooks)."""

    def snapshot(self) -> Any:
        return snapshot_of(current())

    def acquire(self, clock: Any) -> None:
        if clock is not None:
            acquire_into(current(), clock)

    def merge(self, a: Any, b: Any) -> Any:
        return join(a, b)

    def fork(self, g: Any) -> None:
        g.local = Actor("goroutine", str(g.id), current())

    def begin(self, g: Any) -> None:
        if g.local is None:
            g.local = Actor("main goroutine", "", None) if g.id == 1 else Actor("goroutine", str(g.id), None)

    def end(self, g: Any) -> None:
        if g.local is not None:
            end_actor(g.local)

    def read(self, target: Any, key: Any) -> None:
        access(target, key, False)

    def write(self, target: Any, key: Any) -> None:
        access(target, key, True)
