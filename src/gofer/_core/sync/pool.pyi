from collections.abc import Callable
from typing import Generic, TypeVar, overload

from gofer._core.machine.uncopyable import Uncopyable

_T = TypeVar("_T")

class Pool(Uncopyable, Generic[_T]):
    @overload
    def __init__(self, new: Callable[[], _T]) -> None: ...
    @overload
    def __init__(self, new: None = None) -> None: ...
    def get(self) -> _T | None: ...
    def put(self, value: _T | None) -> None: ...
