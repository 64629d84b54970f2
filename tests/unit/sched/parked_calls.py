"""A program: goroutines wait in calls of which nothing else is left while the collector runs, and then go on.

`parked_calls.py WAY`: "each" one after the other, "all" at once with threads that collect all the time, "end" leaves
them waiting at the end of the program. With `PYTHONMALLOC=debug` what is used after it has been freed is noticed.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
import threading
import types
import weakref
from typing import Any

import gofer
from gofer import Chan, go, runtime
from gofer._core.sched import preempt
from gofer.sync import WaitGroup

# Each is a module's text. `start(gate)` receives a 5 and must return RESULT. Meanwhile all else is deleted from the
# module, or `forget()` does what is to be done there.
CASES = {
    "functions": """
RESULT = 25
def start(gate):
    return down(gate, 20)
def down(gate, n):
    return down(gate, n - 1) + 1 if n else gate.recv()
""",
    "a handler whose argument is received": """
RESULT = [5, "old"]
def start(gate):
    return handler(gate.recv())
def handler(value):
    return [value, "old"]
""",
    "a class whose argument is received": """
RESULT = 5
def start(gate):
    return Made(gate.recv()).get()
class Made:
    def __init__(self, value):
        self.value = value
    def get(self):
        return self.value
""",
    "methods of an object that has another class now": """
RESULT = 6
def start(gate):
    return one.outer(gate)
class Old:
    def outer(self, gate):
        return self.inner(gate) + 1
    def inner(self, gate):
        return gate.recv()
class New:
    pass
one = Old()
def forget():
    global Old
    one.__class__ = New
    del Old
""",
    "a method that has been replaced": """
RESULT = 6
def start(gate):
    return Made().get(gate)
class Made:
    def get(self, gate):
        return gate.recv() + 1
def forget():
    Made.get = None
""",
    "the code of a function that has another one now": """
RESULT = 3005
def start(gate):
    return adds(gate)
def adds(gate):
    number = 1000
    return gate.recv() + number + 2000
def forget():
    adds.__code__ = (lambda gate: 0).__code__
""",
    "a generator that runs": """
RESULT = [1, 5]
def start(gate):
    return list(numbers(gate))
def numbers(gate):
    yield 1
    yield waits(gate)
def waits(gate):
    return gate.recv()
""",
    "the key function of a sort": """
RESULT = [1, 2, 3]
def start(gate):
    return sorts(gate)
def sorts(gate):
    return sorted([1, 2, 3], key=lambda n: key(gate) if n == 2 else n)
def key(gate):
    return gate.recv() - 3
""",
    "a with block": """
RESULT = 5
def start(gate):
    return block(gate)
def block(gate):
    with Manager():
        found = gate.recv()
        raise LookupError
    return found
class Manager:
    def __enter__(self):
        return self
    def __exit__(self, *error):
        return True
def forget():
    global Manager, block
    del Manager.__exit__, Manager, block
""",
    "a module out of sys.modules": """
RESULT = 8
import sys, types
other = types.ModuleType("other")
exec("def add(gate):\\n    return deeper(gate.recv())\\ndef deeper(n):\\n    return n + 3", vars(other))
def start(gate):
    return other.add(gate)
def forget():
    global other
    del other.add, other
""",
}


def module(text: str) -> types.ModuleType:
    made = types.ModuleType("case")
    exec(compile(text, "case", "exec"), vars(made))
    return made


def forget(made: types.ModuleType) -> None:
    names = [name for name, value in vars(made).items() if isinstance(value, (type, types.FunctionType))]
    if "forget" in names:
        made.forget()
    else:
        for name in names:
            delattr(made, name)


def churn() -> None:
    """Takes the memory of what has been freed."""
    kept: list[Any] = [type("Made", (), {"get": lambda self: 0}) for _ in range(30)]
    kept += [lambda: 0 for _ in range(300)] + [compile(f"a{n} = {n}", "other", "exec") for n in range(50)]


def collect() -> None:
    for _ in range(2):
        gc.collect()
        churn()


def run(start: Any, gate: Chan[int], out: Chan[Any]) -> None:
    out.send(start(gate))


def wait_until(count: int) -> None:
    while sum(g.wait_reason == "chan receive" for g in runtime.goroutines()) < count:
        runtime.gosched()


def begin(text: str) -> tuple[types.ModuleType, Chan[int], Chan[Any]]:
    made, gate, out = module(text), Chan[int](), Chan[Any](1)
    go(run, made.start, gate, out)
    return made, gate, out


def each() -> None:
    for name, text in CASES.items():
        for _ in range(2):
            print(name, flush=True)
            made, gate, out = begin(text)
            wait_until(1)
            result = made.RESULT
            forget(made)
            collect()
            gate.send(5)
            assert out.recv() == result


def all_at_once(rounds: int) -> None:
    over: list[bool] = []

    def collecting() -> None:
        while not over:
            collect()

    threads = [threading.Thread(target=collecting) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(rounds):
        begun = [begin(text) for text in CASES.values() for _ in range(4)]
        wait_until(len(begun))
        results = [made.RESULT for made, _, _ in begun]
        for made, _, _ in begun:
            forget(made)
        del made
        gates = [(gate, out) for _, gate, out in begun]
        del begun
        collect()
        wg = WaitGroup()
        for gate, _ in gates:
            wg.go(gate.send, 5)
        wg.wait()
        assert [out.recv() for _, out in gates] == results
    over.append(True)
    for thread in threads:
        thread.join()


def main_goroutine() -> None:
    """The main goroutine's frames are those of the thread that it began on."""
    gate: Chan[int] = Chan()
    made = module("def start(gate):\n    return deeper(gate)\ndef deeper(gate):\n    return gate.recv() + 1")

    def other() -> None:
        wait_until(1)
        forget(made)
        collect()
        gate.send(5)

    go(other)
    assert made.start(gate) == 6


def outer_greenlet() -> None:
    """A greenlet of the program's own runs, and what has switched to it waits."""
    made = module(
        "import greenlet\ndef start(inner):\n    return deeper(inner)\n"
        "def deeper(inner):\n    return [greenlet.greenlet(inner).switch()]"
    )

    def inner() -> int:
        forget(made)
        collect()
        return 5

    out: Chan[Any] = Chan(1)
    go(run, made.start, inner, out)  # type: ignore[arg-type]
    assert out.recv() == [5]


def preempted() -> None:
    """A goroutine that waits for its turn, in the middle of a computation."""
    made = module(
        "def start(over):\n    return spins(over) > 0\n"
        "def spins(over):\n    n = 0\n    while not over:\n        n += one(n)\n    return n\n"
        "def one(n):\n    return n and 1 or 2"
    )
    over: list[bool] = []
    out: Chan[Any] = Chan(1)
    go(run, made.start, over, out)  # type: ignore[arg-type]
    for _ in range(3):
        runtime.gosched()
        if "spins" in vars(made):
            del made.spins
        collect()
    over.append(True)
    assert out.recv()


def frozen() -> None:
    """`gc.freeze` while the goroutine runs; what it comes to call then is younger."""
    gate, out = Chan[int](), Chan[Any](1)
    made: list[types.ModuleType] = []

    def start(gate: Chan[int]) -> Any:
        gc.freeze()
        made.append(module(CASES["functions"]))
        return calls(made[0], gate)

    def calls(fresh: Any, gate: Chan[int]) -> Any:
        return fresh.down(gate, 3)

    go(run, start, gate, out)
    wait_until(1)
    forget(made.pop())
    collect()
    gate.send(5)
    assert out.recv() == 8
    gc.unfreeze()


def holds(made: Any, refs: list[Any], gate: Chan[int]) -> None:
    made.start(gate)


def told(ref: object) -> None:
    os.write(1, b"freed\n")


def end() -> None:
    """The interpreter clears the modules that are left when it ends; what waits keeps its functions all the same."""
    for number in range(10):
        made = module(CASES["functions"])
        sys.modules[f"case{number}"] = made
        go(holds, made, [weakref.ref(made.down, told)], Chan())
    wait_until(10)


def main(way: str) -> None:
    if way == "all":
        all_at_once(int(sys.argv[2]))
    elif way == "each":
        each()
        for special in (main_goroutine, outer_greenlet, preempted, frozen):
            if special is not preempted or preempt.is_on():  # uncompiled nothing is, and it would compute for ever
                print(special.__name__, flush=True)
                special()
    else:
        end()
    print("done", flush=True)


faulthandler.enable()
gofer.run(main, sys.argv[1])
