"""What all contexts share: a chain of parents, along which deadlines and values are looked up, and its text.

Nothing here ends: what does is `context.CancelContext`, the one other kind of link. Links never change, so they need no
guard. Values and foreign contexts are anybody's code.
"""

from __future__ import annotations

from datetime import datetime
from time import time
from typing import Any, NoReturn

from gofer._core.machine import duration
from gofer._core.sched.timers import TIMERS

INNERMOST = object()  # the key of which a context's value is its innermost cancellable context


class Link:
    """What all contexts share. `parent` is None for the roots and never changes; `when` counts where `timed`."""

    def __init__(self) -> None:
        self.begin(None)
        raise TypeError(f"{type(self).__name__}s are made by gofer.context's functions, such as with_cancel(parent)")

    def begin(self, parent: Any) -> None:
        """The fields that all have."""
        self.parent = parent
        self.timed = False
        self.when = 0.0

    def deadline(self) -> float | None:
        """The `time.monotonic` second at which it ends by itself; None: never. Go: `Context.Deadline`."""
        at: Any = self
        while isinstance(at, Link):
            link: Link = at
            if isinstance(at, UncancelledContext):
                return None
            if link.timed:
                return link.when
            at = link.parent
        return None if at is None else at.deadline()

    def done(self) -> Any:
        """The channel that is closed when the work should stop; None: it never has to. Go: `Context.Done`."""
        source = cancellable(self)
        return None if source is None else source.done()

    def err(self) -> Exception | None:
        """Why it has ended, a new `Canceled` or `DeadlineExceeded`; None: it has not. Go: `Context.Err`."""
        source = cancellable(self)
        return None if source is None else source.err()

    def value(self, key: Any) -> Any:
        """What belongs to `key` here or in a parent; None where nothing does. Go: `Context.Value`.

        Keys are the same if they are one object, or equal and of one type.
        """
        return lookup(self, key)

    def __repr__(self) -> str:
        return text(self)

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} must not be copied")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} must not be copied")


class RootContext(Link):
    """Never ends, has no values."""

    def __init__(self, name: str) -> None:
        self.begin(None)
        self.name = name


class ValueContext(Link):
    """Its parent, with one value more."""

    def __init__(self, parent: Any, key: Any, value: Any) -> None:
        self.begin(parent)
        self.key = key
        self.held = value


class UncancelledContext(Link):
    """Its parent's values, and no end."""

    def __init__(self, parent: Any) -> None:
        self.begin(parent)


def cancellable(context: Any) -> Any:
    """The context that decides when this one ends: one of ours, a foreign one, or None, for never."""
    at = context
    while isinstance(at, ValueContext):
        held: ValueContext = at
        at = held.parent
    if isinstance(at, (RootContext, UncancelledContext)):
        return None
    return at


def lookup(context: Any, key: Any) -> Any:
    """What belongs to `key` in this context or the nearest parent that has it."""
    at = context
    while isinstance(at, Link):
        if isinstance(at, ValueContext):
            held: ValueContext = at
            if held.key is key or (type(held.key) is type(key) and held.key == key):
                return held.held
        elif key is INNERMOST:
            if isinstance(at, UncancelledContext):
                return None
            if not isinstance(at, RootContext):
                return at
        link: Link = at
        at = link.parent
    return None if at is None else at.value(key)


def text(context: Any) -> str:
    """As Go writes it: `context.Background.WithCancel`."""
    parts = []
    at = context
    while isinstance(at, Link) and not isinstance(at, RootContext):
        if isinstance(at, ValueContext):
            held: ValueContext = at
            parts.append(f".WithValue({brief(held.key)}, {brief(held.held)})")
        elif isinstance(at, UncancelledContext):
            parts.append(".WithoutCancel")
        else:
            ends: Link = at
            parts.append(f".WithDeadline({moment(ends.when)})" if ends.timed else ".WithCancel")
        link: Link = at
        at = link.parent
    if isinstance(at, RootContext):
        root: RootContext = at
        parts.append(root.name)
    else:
        parts.append(brief(at))
    return "".join(reversed(parts))


def moment(when: float) -> str:
    """A deadline: the time of day, and how far it is from now."""
    left = when - TIMERS.now()
    try:
        local = datetime.fromtimestamp(time() + left).astimezone().strftime("%Y-%m-%d %H:%M:%S.%f %z")
    except (ValueError, OverflowError, OSError):
        local = "never"
    return f"{local} [{duration.text(left)}]"


def brief(value: Any) -> str:
    """Text as it is, what has a text of its own in that, all else by its type: contents are not for logs."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    kind: Any = type(value)
    if kind.__str__ is not object.__str__:
        return str(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
