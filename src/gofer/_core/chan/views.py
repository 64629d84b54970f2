"""Channels to send on only, or to receive from only: what a function is given that must not do the other."""

from __future__ import annotations

from types import GenericAlias
from typing import Any, NoReturn

from gofer._core.chan.chan import VIEWS, Chan


class View:
    """What both views share: two views of one kind on one channel are equal."""

    __slots__ = ("__weakref__", "chan")

    def __init__(self, chan: Any) -> None:
        if not isinstance(chan, Chan):
            raise TypeError(f"{type(self).__name__}: a Chan is needed, not {type(chan).__name__}")
        self.chan = chan

    @property
    def capacity(self) -> int:
        """The channel's buffer size."""
        return self.chan.capacity

    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        return GenericAlias(cls, item)

    def __len__(self) -> int:
        return len(self.chan)

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.chan is self.chan

    def __hash__(self) -> int:
        return hash((type(self), id(self.chan)))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.chan!r}>"

    def __copy__(self) -> Any:
        return self

    def __deepcopy__(self, memo: Any) -> NoReturn:
        raise TypeError("a Chan must not be copied")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError("a Chan must not be copied")


class SendChan(View):
    """A channel to send on only. Go: `chan<- T`."""

    __slots__ = ()

    def send(self, value: Any) -> None:
        """As `Chan.send`."""
        self.chan.send(value)

    def close(self) -> None:
        """As `Chan.close`."""
        self.chan.close()


class RecvChan(View):
    """A channel to receive from only. Go: `<-chan T`."""

    __slots__ = ()

    def recv(self) -> Any:
        """As `Chan.recv`."""
        return self.chan.recv()

    def recv_ok(self) -> tuple[Any, bool]:
        """As `Chan.recv_ok`."""
        return self.chan.recv_ok()

    def __iter__(self) -> Any:
        return iter(self.chan)


VIEWS.update(send=SendChan, recv=RecvChan)
