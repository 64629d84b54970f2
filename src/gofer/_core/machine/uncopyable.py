"""The base of everything that goroutines share by reference only: it refuses to be copied and pickled."""

from __future__ import annotations

from typing import Any, NoReturn


class Uncopyable:
    """A copy would be a second lock, not the same one."""

    def _refuse(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} must not be copied")

    def __copy__(self) -> NoReturn:
        self._refuse()

    def __deepcopy__(self, memo: Any) -> NoReturn:
        self._refuse()

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        self._refuse()
