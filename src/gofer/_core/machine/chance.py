"""Chance: numbers drawn quickly, a state a thread, for choices that no seed determines.

`chance.pxd` has what the compiled core uses, this module the same name for the uncompiled one. `random` took longer to
draw a number than a whole channel operation.
"""

from __future__ import annotations

from typing import Any

__all__ = ["below"]


def below(n: int) -> int:
    """One of 0 to n-1, each as likely (n is below 2**32)."""
    global _random
    if _random is None:
        from random import Random  # brings hashlib, and compiled it is not needed

        _random = Random()  # not the program's own, of which it may have set the seed
    drawn: int = _random.randrange(n)
    return drawn


_random: Any = None
