from typing import Any, Literal, NamedTuple, TypeVar

from gofer._core.chan.chan import Chan
from gofer._core.chan.views import RecvChan, SendChan

_T = TypeVar("_T")

DEFAULT: Literal[-1]

class Selected(NamedTuple):
    index: int  # type: ignore[assignment]
    value: Any
    ok: bool

class Case: ...

def chan_of(what: object, view: str) -> Chan[Any] | None: ...
def recv(ch: Chan[Any] | RecvChan[Any] | None) -> Case: ...
def send(ch: Chan[_T] | SendChan[_T] | None, value: _T) -> Case: ...
def select(*cases: Case, default: bool = False) -> Selected: ...
