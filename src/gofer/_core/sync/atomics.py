"""Numbers and references that change in one step.

A number is its bits in two's complement, the lowest `width` of 64, changed by compare and exchange, so there is no
lock. A reference is protected by `gate`. Under a race detector a load acquires what every store before released, a
store releases, and what does both does both (`Edges`).
"""

from __future__ import annotations

from types import GenericAlias
from typing import Any

from gofer._core.machine import bits, guard
from gofer._core.machine.errors import Panic
from gofer._core.machine.hooks import HOOKS
from gofer._core.sync.edges import Edges

BITS_64 = 0xFFFF_FFFF_FFFF_FFFF


class Integer(Edges):
    """What the four kinds of number share; they differ in `mask` and `sign`, the bit that makes it negative."""

    def setup(self, value: Any, mask: Any, sign: Any) -> None:
        self.open_edges()
        self.mask = mask
        self.sign = sign
        self.cell = bits.make(0)
        self.store(value)

    def number(self, b: Any) -> Any:
        """The Python number of these bits."""
        if self.sign:
            signed = (b ^ self.sign) - self.sign
            return signed  # noqa: RET504  (compiled, it becomes a signed number here)
        return b

    def operand(self, n: Any) -> Any:
        """The bits of any int, modulo the width."""
        if type(n) is not int:
            self.check(n)
        return bits.low(n) & self.mask

    def bits_of(self, n: Any) -> Any:
        """The bits of an int that has to be within the range."""
        b = self.operand(n)
        if self.number(b) != n:
            least, most = self.number(self.sign), self.number(self.mask ^ self.sign)
            raise OverflowError(f"{type(self).__name__}: {n} is not within {least}..{most}")
        return b

    def check(self, n: Any) -> None:
        if isinstance(n, bool) or not isinstance(n, int):
            raise TypeError(f"{type(self).__name__}: an int is needed, not {type(n).__name__}")

    def load(self) -> int:
        """The number now. Go: `Load`."""
        b = bits.load(self.cell)
        if HOOKS.on:
            HOOKS.step()
            self.acquire()
        return self.number(b)  # type: ignore[no-any-return]

    def store(self, value: Any) -> None:
        """Makes it `value`. OverflowError where that is out of range. Go: `Store`."""
        self.exchange(self.bits_of(value))

    def add(self, delta: Any) -> int:
        """Adds any int, wrapping around, and returns the new number. Go: `Add`."""
        change = self.operand(delta)
        if HOOKS.on:
            HOOKS.step()
            self.release()
        while True:
            old = bits.load(self.cell)
            new = (old + change) & self.mask
            if bits.exchange(self.cell, old, new):
                break
        if HOOKS.on:
            self.acquire()
        return self.number(new)  # type: ignore[no-any-return]

    def swap(self, value: Any) -> int:
        """Makes it `value` and returns what it was. OverflowError where that is out of range. Go: `Swap`."""
        old = self.exchange(self.bits_of(value))
        if HOOKS.on:
            self.acquire()
        return self.number(old)  # type: ignore[no-any-return]

    def exchange(self, new: Any) -> Any:
        if HOOKS.on:
            HOOKS.step()
            self.release()
        while True:
            old = bits.load(self.cell)
            if bits.exchange(self.cell, old, new):
                return old

    def compare_and_swap(self, old: Any, new: Any) -> bool:
        """Makes it `new` if it is `old`; whether it was. OverflowError out of range. Go: `CompareAndSwap`."""
        expected = self.bits_of(old)
        wanted = self.bits_of(new)
        if HOOKS.on:
            HOOKS.step()
            self.release()
        swapped = bits.exchange(self.cell, expected, wanted)
        if HOOKS.on:
            self.acquire()
        return swapped

    def and_(self, mask: Any) -> int:
        """Keeps only the bits that any int `mask` has, and returns what it was. Go: `And`."""
        kept = self.operand(mask)
        if HOOKS.on:
            HOOKS.step()
            self.release()
        while True:
            old = bits.load(self.cell)
            if bits.exchange(self.cell, old, old & kept):
                break
        if HOOKS.on:
            self.acquire()
        return self.number(old)  # type: ignore[no-any-return]

    def or_(self, mask: Any) -> int:
        """Adds the bits that any int `mask` has, and returns what it was. Go: `Or`."""
        added = self.operand(mask)
        if HOOKS.on:
            HOOKS.step()
            self.release()
        while True:
            old = bits.load(self.cell)
            if bits.exchange(self.cell, old, old | added):
                break
        if HOOKS.on:
            self.acquire()
        return self.number(old)  # type: ignore[no-any-return]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.number(bits.load(self.cell))})"


class Int32(Integer):
    """A signed number of 32 bits. Go: `atomic.Int32`. Must not be copied; from any thread; never blocks.

    OverflowError for an initial value out of range, TypeError for what is no int.

    >>> n = Int32(2**31 - 1)
    >>> n.add(1)
    -2147483648
    """

    def __init__(self, value: Any = 0) -> None:
        self.setup(value, 0xFFFF_FFFF, 0x8000_0000)


class Int64(Integer):
    """A signed number of 64 bits. Go: `atomic.Int64`. Otherwise as `Int32`."""

    def __init__(self, value: Any = 0) -> None:
        self.setup(value, BITS_64, 0x8000_0000_0000_0000)


class Uint32(Integer):
    """An unsigned number of 32 bits. Go: `atomic.Uint32`. Otherwise as `Int32`; `add(-1)` subtracts."""

    def __init__(self, value: Any = 0) -> None:
        self.setup(value, 0xFFFF_FFFF, 0)


class Uint64(Integer):
    """An unsigned number of 64 bits. Go: `atomic.Uint64`. Otherwise as `Int32`; `add(-1)` subtracts."""

    def __init__(self, value: Any = 0) -> None:
        self.setup(value, BITS_64, 0)


class Reference(Edges):
    """A reference to an object, protected by `gate`. What is replaced is dropped outside."""

    def open(self, value: Any) -> None:
        self.open_edges()
        self.gate = guard.make()
        self.value = value

    def get(self) -> Any:
        guard.lock(self.gate)
        value = self.value
        guard.unlock(self.gate)
        if HOOKS.on:
            HOOKS.step()
            self.acquire()
        return value

    def exchange(self, new: Any) -> Any:
        if HOOKS.on:
            HOOKS.step()
            self.release()
        guard.lock(self.gate)
        old = self.value
        self.value = new
        guard.unlock(self.gate)
        return old

    def exchange_if(self, old: Any, new: Any) -> bool:
        """Replaces it if it is the very object `old`."""
        if HOOKS.on:
            HOOKS.step()
            self.release()
        guard.lock(self.gate)
        same = self.value is old
        if same:
            self.value = new
        guard.unlock(self.gate)
        if HOOKS.on:
            self.acquire()
        return same

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.get()!r})"


class Bool(Reference):
    """True or false. Go: `atomic.Bool`. Must not be copied; from any thread; never blocks. TypeError for no bool."""

    def __init__(self, value: Any = False) -> None:
        self.check(value)
        self.open(value)

    def check(self, value: Any) -> None:
        if value is not True and value is not False:
            raise TypeError(f"Bool: a bool is needed, not {type(value).__name__}")

    def load(self) -> bool:
        """What it is now. Go: `Load`."""
        return self.get()  # type: ignore[no-any-return]

    def store(self, value: Any) -> None:
        """Makes it `value`. Go: `Store`."""
        self.check(value)
        self.exchange(value)

    def swap(self, value: Any) -> bool:
        """Makes it `value` and returns what it was. Go: `Swap`."""
        self.check(value)
        old = self.exchange(value)
        if HOOKS.on:
            self.acquire()
        return old  # type: ignore[no-any-return]

    def compare_and_swap(self, old: Any, new: Any) -> bool:
        """Makes it `new` if it is `old`; whether it was. Go: `CompareAndSwap`."""
        self.check(old)
        self.check(new)
        return self.exchange_if(old, new)


class Pointer(Reference):
    """A reference to an object, or None. Go: `atomic.Pointer[T]`. Must not be copied; from any thread; never blocks."""

    def __init__(self, value: Any = None) -> None:
        self.open(value)

    def load(self) -> Any:
        """The object now. Go: `Load`."""
        return self.get()

    def store(self, value: Any) -> None:
        """Has it refer to `value`. Go: `Store`."""
        self.exchange(value)

    def swap(self, value: Any) -> Any:
        """Has it refer to `value` and returns what it referred to. Go: `Swap`."""
        old = self.exchange(value)
        if HOOKS.on:
            self.acquire()
        return old

    def compare_and_swap(self, old: Any, new: Any) -> bool:
        """Has it refer to `new` if it refers to the very object `old`; whether it did. Go: `CompareAndSwap`."""
        return self.exchange_if(old, new)

    @classmethod
    def __class_getitem__(cls, item: Any) -> Any:
        return GenericAlias(cls, item)


class Value(Reference):
    """An object, always of the same type. Go: `atomic.Value`. Must not be copied; from any thread; never blocks.

    Raises `Panic("sync/atomic: store of inconsistently typed value into Value")` for an object of another type than
    the first, and `Panic("sync/atomic: store of nil value into Value")` for None; `swap` and `compare_and_swap` say so
    of themselves. An initial None means that nothing has been stored.
    """

    def __init__(self, value: Any = None) -> None:
        self.open(value)

    def load(self) -> Any:
        """The object stored last; None if there is none. Go: `Load`."""
        return self.get()

    def replace(self, new: Any, what: str) -> Any:
        if new is None:
            raise Panic(f"sync/atomic: {what} of nil value into Value")
        while True:
            old = self.get()
            if old is not None and type(old) is not type(new):
                raise Panic(f"sync/atomic: {what} of inconsistently typed value into Value")
            if self.exchange_if(old, new):
                return old

    def store(self, value: Any) -> None:
        """Stores an object. Go: `Store`."""
        self.replace(value, "store")

    def swap(self, value: Any) -> Any:
        """Stores an object and returns the one before, None if there was none. Go: `Swap`."""
        return self.replace(value, "swap")

    def compare_and_swap(self, old: Any, new: Any) -> bool:
        """Stores `new` if what is stored equals `old` (None: nothing is); whether it did. Go: `CompareAndSwap`."""
        if new is None:
            raise Panic("sync/atomic: compare and swap of nil value into Value")
        if old is not None and type(old) is not type(new):
            raise Panic("sync/atomic: compare and swap of inconsistently typed values")
        while True:
            now = self.get()
            if now is not None and type(now) is not type(new):
                raise Panic("sync/atomic: compare and swap of inconsistently typed value into Value")
            if now is not old and (now is None or old is None or now != old):
                return False
            if self.exchange_if(now, new):
                return True
