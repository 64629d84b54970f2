"""gofer.atomic, from outside."""

import copy
import doctest
import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest

import gofer
from gofer import Panic, atomic, runtime
from gofer.atomic import Bool, Int32, Int64, Pointer, Uint32, Uint64, Value
from gofer.sync import WaitGroup

NUMBERS = [(Int32, 32, True), (Int64, 64, True), (Uint32, 32, False), (Uint64, 64, False)]


def wrapped(n: int, width: int, signed: bool) -> int:
    n %= 2**width
    return n - 2**width if signed and n >= 2 ** (width - 1) else n


@pytest.fixture(params=NUMBERS, ids=lambda kind: kind[0].__name__)
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


def test_numbers_wrap_around(kind: Any) -> None:
    make, width, signed = kind
    least = -(2 ** (width - 1)) if signed else 0
    most = 2 ** (width - 1 if signed else width) - 1
    for start in (least, most, 0, 1, most - 1):
        for n in (0, 1, -1, 2**31, 2**32 + 5, -(2**63), 2**64 - 1, 3**50):
            number = make(start)
            assert number.add(n) == wrapped(start + n, width, signed) == number.load()
            number = make(start)
            assert number.and_(n) == start
            assert number.load() == wrapped(start & n, width, signed)
            number = make(start)
            assert number.or_(n) == start
            assert number.load() == wrapped(start | n, width, signed)


def test_numbers_that_are_out_of_range(kind: Any) -> None:
    make, width, signed = kind
    least = -(2 ** (width - 1)) if signed else 0
    most = 2 ** (width - 1 if signed else width) - 1
    number = make(7)
    for wrong in (least - 1, most + 1, 3**50):
        text = f"^{make.__name__}: {wrong} is not within {least}..{most}$"
        for operation in (make, number.store, number.swap, lambda n: number.compare_and_swap(n, 0)):
            with pytest.raises(OverflowError, match=text):
                operation(wrong)
    assert number.load() == 7


@pytest.mark.parametrize("wrong", [1.0, "1", None, True])
def test_what_is_no_int(kind: Any, wrong: Any) -> None:
    number = kind[0]()
    for operation in (kind[0], number.store, number.add, number.swap, number.and_, number.or_):
        with pytest.raises(TypeError, match=f"^{kind[0].__name__}: an int is needed, not {type(wrong).__name__}$"):
            operation(wrong)


def test_swap_and_compare_and_swap(kind: Any) -> None:
    number = kind[0]()
    assert number.load() == 0
    assert number.swap(5) == 0
    assert not number.compare_and_swap(4, 6)
    assert number.compare_and_swap(5, 6)
    number.store(9)
    assert repr(number) == f"{kind[0].__name__}(9)"


def test_bool() -> None:
    flag = Bool()
    assert flag.load() is False
    assert flag.swap(True) is False
    assert not flag.compare_and_swap(False, True)
    assert flag.compare_and_swap(True, False)
    flag.store(True)
    assert repr(flag) == "Bool(True)"
    with pytest.raises(TypeError, match="^Bool: a bool is needed, not int$"):
        flag.store(1)  # a bool as mypy sees it is an int, not the reverse


def test_pointer_compares_by_identity() -> None:
    one, twin = [1], [1]
    pointer: Pointer[list[int]] = Pointer(one)
    assert not pointer.compare_and_swap(twin, [2])
    assert pointer.compare_and_swap(one, twin)
    assert pointer.swap(None) is twin
    assert pointer.load() is None
    pointer.store(one)
    assert pointer.load() is one
    assert Pointer[int] is not Pointer


def test_value() -> None:
    value = Value()
    assert value.load() is None
    assert not value.compare_and_swap("x", "y")
    assert value.compare_and_swap(None, "x")
    assert not value.compare_and_swap(None, "y")
    assert value.compare_and_swap(str(b"x", "ascii"), "z")
    assert value.swap("w") == "z"
    value.store("v")
    assert value.load() == "v"


@pytest.mark.parametrize(
    ("misuse", "text"),
    [
        (lambda v: v.store(None), "store of nil value into Value"),
        (lambda v: v.store(1), "store of inconsistently typed value into Value"),
        (lambda v: v.swap(None), "swap of nil value into Value"),
        (lambda v: v.swap(1), "swap of inconsistently typed value into Value"),
        (lambda v: v.compare_and_swap("x", None), "compare and swap of nil value into Value"),
        (lambda v: v.compare_and_swap("x", 1), "compare and swap of inconsistently typed values"),
        (lambda v: v.compare_and_swap(1, 2), "compare and swap of inconsistently typed value into Value"),
    ],
)
def test_misuse_of_a_value(misuse: Callable[[Value], object], text: str) -> None:
    value = Value("x")
    with pytest.raises(Panic, match=f"^sync/atomic: {text}$"):
        misuse(value)
    assert value.load() == "x"


def test_what_is_replaced_may_use_the_pointer_when_it_dies() -> None:
    seen: list[Any] = []
    pointer: Pointer[Any] = Pointer()

    class Dying:
        def __del__(self) -> None:
            seen.append(pointer.load())

    pointer.store(Dying())
    pointer.store("next")
    assert seen == ["next"]


@pytest.mark.parametrize("procs", [1, 3])
def test_nothing_is_lost_among_goroutines_and_threads(procs: int) -> None:
    def main() -> tuple[int, int, int]:
        total, bits, spun = Int64(), Uint32(), Int32()
        wg = WaitGroup()

        def work(k: int) -> None:
            for n in range(300):
                total.add(n)
                bits.or_(1 << k)
                while True:
                    old = spun.load()
                    if spun.compare_and_swap(old, old + 1):
                        break
                if n % 50 == 0:
                    runtime.gosched()

        threads = [threading.Thread(target=work, args=(k,)) for k in (0, 1)]
        for thread in threads:
            thread.start()
        for k in range(2, 8):
            wg.go(work, k)
        wg.wait()
        for thread in threads:
            thread.join()
        return total.load(), bits.load(), spun.load()

    before = runtime.gomaxprocs(procs)
    try:
        assert gofer.run(main) == (8 * sum(range(300)), 0xFF, 2400)
    finally:
        runtime.gomaxprocs(before)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("name", atomic.__all__)
def test_nothing_is_copied(duplicate: Callable[[Any], Any], name: str) -> None:
    with pytest.raises(TypeError, match=f"^a {name} must not be copied$"):
        duplicate(getattr(atomic, name)())


def test_examples_in_the_documentation() -> None:
    runner = doctest.DocTestRunner()
    runner.run(doctest.DocTestParser().get_doctest(Int32.__doc__ or "", {"Int32": Int32}, "Int32", None, 0))
    assert runner.summarize(verbose=False) == (0, 2)
