from collections.abc import Callable
from typing import ParamSpec

_P = ParamSpec("_P")

def gosched() -> None: ...
def go(fn: Callable[_P, object], /, *args: _P.args, **kwargs: _P.kwargs) -> None: ...
