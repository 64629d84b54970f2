"""64 bits that anybody reads and exchanges in one step.

`bits.pxd` has what the compiled core uses (atomic instructions on free-threaded builds; beside the GIL a compiled
section is atomic anyway), this module the same names for the uncompiled one.
"""

from __future__ import annotations

from threading import Lock


class Bits:
    """An unsigned number of 64 bits."""

    __slots__ = ("lock", "value")

    def __init__(self, value: int) -> None:
        self.lock = Lock()
        self.value = value


def make(value: int) -> Bits:
    """Bits with a value."""
    return Bits(value)


def load(bits: Bits) -> int:
    """What they are now."""
    return bits.value


def exchange(bits: Bits, old: int, new: int) -> bool:
    """Makes them `new` if they are `old`; whether they were."""
    with bits.lock:
        if bits.value != old:
            return False
        bits.value = new
        return True


def low(number: int) -> int:
    """The low 64 bits of an int, as two's complement."""
    return number & 0xFFFF_FFFF_FFFF_FFFF
