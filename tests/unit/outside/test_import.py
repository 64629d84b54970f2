"""Imports by several goroutines: who imports what another is still running waits for it, as among threads."""

import importlib
import importlib.util
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import gofer
from gofer import Chan, DeadlockError, go, runtime
from gofer.sync import WaitGroup
from tests import programs

GATE = "gofer_import_gate"  # a module of names that the modules below, and the tests, meet at


class Place:
    """Modules made for a test; `gate` is what their bodies find under the name of GATE."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.gate: Any = ModuleType(GATE)
        self.gate.begun = Chan(100)
        self.gate.over = Chan()

    def add(self, name: str, body: str) -> None:
        path = self.folder / (name.replace(".", "/") + ".py")
        path.parent.mkdir(exist_ok=True)
        path.write_text(body)

    def names(self) -> list[str]:
        found = [path.relative_to(self.folder).with_suffix("") for path in self.folder.rglob("*.py")]
        return [str(path).replace("/", ".").removesuffix(".__init__") for path in found]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made = Place(tmp_path)
    monkeypatch.setitem(sys.modules, GATE, made.gate)
    yield made
    for name in made.names():
        sys.modules.pop(name, None)


SLOW = f"""
import {GATE} as gate
gate.begun.send(__name__)
gate.over.recv()
def ready():
    return "ready"
"""


LAZY = """
import importlib
def __getattr__(name):
    if name == "lazy":
        return importlib.import_module("parent.slow")
    raise AttributeError(name)
"""


def statement(text: str, result: str) -> Callable[[], Any]:
    """What runs a statement, and returns what it has bound."""

    def execute() -> Any:
        names: dict[str, Any] = {}
        exec(text, names)
        return eval(result, names)

    return execute


WAYS = {
    "import": statement("import slow", "slow.ready()"),
    "from": statement("from slow import ready", "ready()"),
    "star": statement("from slow import *", "ready()"),
    "import_module": lambda: importlib.import_module("slow").ready(),
    "__import__": lambda: __import__("slow").ready(),
    "as": statement("import slow as quick", "quick.ready()"),
}
PACKAGE_WAYS = {
    "import": statement("import parent.slow", "parent.slow.ready()"),
    "from package": statement("from parent import slow", "slow.ready()"),
    "from module": statement("from parent.slow import ready", "ready()"),
    "relative": lambda: importlib.import_module(".slow", "parent").ready(),
    "lazy": lambda: importlib.import_module("parent").lazy.ready(),
}


def all_wait(place: Place, ways: list[Callable[[], Any]], procs: int) -> list[Any]:
    """What comes of each way where it is taken while another goroutine runs the module's body."""
    got: list[Any] = []

    def take(way: Callable[[], Any]) -> None:
        try:
            got.append(way())
        except BaseException as error:
            got.append(error)

    def main() -> None:
        group = WaitGroup()
        group.go(take, ways[0])
        place.gate.begun.recv()
        for way in ways[1:]:
            group.go(take, way)
        go(release)
        group.wait()

    def release() -> None:
        waits = [g for g in runtime.goroutines() if g.wait_reason == "semacquire"]
        while len(waits) < len(ways) - 1 and not got:
            runtime.gosched()
            waits = [g for g in runtime.goroutines() if g.wait_reason == "semacquire"]
        place.gate.over.close()

    before = runtime.gomaxprocs(procs)
    try:
        gofer.run(main)
    finally:
        runtime.gomaxprocs(before)
    return got


@pytest.mark.parametrize("procs", [1, 4])
@pytest.mark.parametrize("first", WAYS)
def test_every_way_to_import_waits(place: Place, first: str, procs: int) -> None:
    place.add("slow", SLOW)
    assert all_wait(place, [WAYS[first], *WAYS.values()], procs) == ["ready"] * 7
    assert not len(place.gate.begun)  # it ran once


@pytest.mark.parametrize("procs", [1, 4])
@pytest.mark.parametrize("first", PACKAGE_WAYS)
def test_modules_of_a_package_wait(place: Place, first: str, procs: int) -> None:
    place.add("parent.__init__", LAZY)
    place.add("parent.slow", SLOW)
    assert all_wait(place, [PACKAGE_WAYS[first], *PACKAGE_WAYS.values()], procs) == ["ready"] * 6


def test_the_package_itself_waits(place: Place) -> None:
    place.add("parent.__init__", SLOW)
    place.add("parent.child", "from parent import ready\n")
    ways = [
        statement("import parent", "parent.ready()"),
        statement("from parent.child import ready", "ready()"),
        statement("import parent.child", "parent.child.ready()"),
    ]
    assert all_wait(place, ways, 1) == ["ready"] * 3


def test_what_a_body_imports_itself_is_seen_half_made(place: Place) -> None:
    """An importer may enter what it has begun itself, in a circle, after others have waited for it too."""
    place.add("first", "import second\nname = 'first'\n")
    place.add(
        "second", f"import {GATE} as gate\ngate.begun.send(1)\ngate.over.recv()\nimport first\nseen = dir(first)\n"
    )
    ways = [statement("import first", "first.second.seen"), statement("import second", "second.seen")]
    seen = all_wait(place, ways, 1)
    assert seen[0] is seen[1]
    assert "name" not in seen[0] and "second" not in seen[0]


def test_a_body_that_raises_is_run_again_by_who_waited(place: Place) -> None:
    place.add(
        "slow", f"import {GATE} as gate\ngate.begun.send(1)\ngate.over.recv()\n1 // gate.divisor\nready = lambda: 5\n"
    )
    place.gate.divisor = 0
    got = all_wait(place, [WAYS["import_module"]] * 3, 1)
    assert [type(each) for each in got] == [ZeroDivisionError] * 3
    assert "slow" not in sys.modules
    place.gate.divisor = 1
    assert gofer.run(WAYS["import"]) == 5


def test_a_body_that_ends_its_goroutine(place: Place) -> None:
    place.add("slow", f"import {GATE} as gate\ngate.begun.send(1)\ngate.over.recv()\ngate.end()\nready = lambda: 5\n")
    ends = iter([runtime.goexit, int])
    place.gate.end = lambda: next(ends)()

    def main() -> int:
        go(WAYS["import_module"])
        place.gate.begun.recv()
        go(place.gate.over.close)
        found: int = WAYS["import_module"]()
        return found

    assert gofer.run(main) == 5


def test_reload_waits(place: Place) -> None:
    place.add("slow", SLOW + "gate.trace.append('end')\n")
    place.gate.trace = []

    def main() -> list[str]:
        done: Chan[None] = Chan(2)
        go(lambda: (importlib.import_module("slow"), done.send(None)))
        place.gate.begun.recv()
        place.gate.trace.append("begun")
        go(lambda: (importlib.reload(sys.modules["slow"]), done.send(None)))
        go(lambda: (place.gate.begun.recv(), place.gate.trace.append("again")))
        runtime.gosched()
        for _ in range(2):
            place.gate.over.send(None)
            done.recv()
        return place.gate.trace

    assert gofer.run(main) == ["begun", "end", "again", "end"]


CIRCLE = f"""
import {GATE} as gate
gate.arrive()
import OTHER
name = __name__
"""


@pytest.mark.parametrize("procs", [1, 4])
@pytest.mark.parametrize("with_thread", [False, True])
def test_a_circle_of_two_importers_ends(place: Place, procs: int, with_thread: bool) -> None:
    """Each has begun one of the modules, and imports the other: one of them goes on with half of it, as threads do."""
    place.add("first", CIRCLE.replace("OTHER", "second"))
    place.add("second", CIRCLE.replace("OTHER", "first"))
    here = [Chan[None](), Chan[None]()]
    turns = iter([(here[0], here[1]), (here[1], here[0])])

    def arrive() -> None:
        mine, others = next(turns)
        go(mine.send, None)
        others.recv()

    place.gate.arrive = arrive

    def main() -> list[str]:
        out: Chan[str] = Chan(2)
        go(lambda: out.send(importlib.import_module("first").second.__name__))

        def other() -> None:
            out.send(importlib.import_module("second").first.__name__)

        if with_thread:
            threading.Thread(target=other).start()
        else:
            go(other)
        return sorted([out.recv(), out.recv()])

    before = runtime.gomaxprocs(procs)
    try:
        assert gofer.run(main) == ["first", "second"]
    finally:
        runtime.gomaxprocs(before)
    assert [sys.modules[name].name for name in ("first", "second")] == ["first", "second"]


def test_goroutines_and_threads_wait_for_each_other(place: Place) -> None:
    for owner in ("goroutine", "thread"):
        name = f"slow_{owner}"
        place.add(name, SLOW)
        place.gate.over = Chan()

        def main(name: str = name, owner: str = owner) -> list[str]:
            out: Chan[str] = Chan(10)

            def use() -> None:
                out.send(importlib.import_module(name).ready())

            if owner == "thread":
                threading.Thread(target=use).start()
            else:
                go(use)
            place.gate.begun.recv()
            for _ in range(3):
                go(use)
                threading.Thread(target=use).start()
            go(place.gate.over.close)
            return [out.recv() for _ in range(7)]

        assert gofer.run(main) == ["ready"] * 7


@pytest.mark.skipif(sys.version_info < (3, 13), reason="threads do not wait for a lazy module before 3.13 either")
@pytest.mark.parametrize("procs", [1, 4])
def test_a_lazy_module_waits_for_who_loads_it(place: Place, procs: int) -> None:
    place.add("slow", SLOW)
    spec = importlib.util.find_spec("slow")
    assert spec is not None and spec.loader is not None
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules["slow"] = module
    spec.loader.exec_module(module)
    assert all_wait(place, [lambda: module.ready()] * 4, procs) == ["ready"] * 4


def test_what_waits_says_for_what(place: Place) -> None:
    place.add("slow", SLOW)

    def main() -> Any:
        go(importlib.import_module, "slow")
        place.gate.begun.recv()
        go(importlib.import_module, "slow")
        while True:
            runtime.gosched()
            for each in runtime.goroutines():
                if each.wait_reason == "semacquire":
                    return repr(each.waiting_for)

    assert gofer.run(main) == "<import of slow>"


def test_a_body_that_waits_for_ever_is_a_deadlock(place: Place) -> None:
    place.add("slow", SLOW)

    def main() -> None:
        go(importlib.import_module, "slow")
        place.gate.begun.recv()
        importlib.import_module("slow")

    with pytest.raises(DeadlockError) as found:
        gofer.run(main)
    assert "semacquire" in found.value.goroutines
    go(place.gate.over.close)  # who had begun it has been abandoned: it is run anew
    assert importlib.import_module("slow").ready() == "ready"


def test_an_interruption_leaves_the_import_as_it_was(place: Place) -> None:
    place.add("slow", SLOW)

    def leave() -> None:
        raise SystemExit(3)

    def main() -> str:
        go(importlib.import_module, "slow")
        place.gate.begun.recv()
        go(leave)
        with pytest.raises(SystemExit):
            importlib.import_module("slow")
        go(place.gate.over.close)
        found: str = importlib.import_module("slow").ready()
        return found

    assert gofer.run(main) == "ready"


def run_package(body: str, main: str, *options: str) -> programs.Done:
    """Runs a program that imports `slow`, a module of its own."""
    text = f"""
import os, sys, tempfile
folder = tempfile.TemporaryDirectory()
sys.path.insert(0, folder.name)
sys.dont_write_bytecode = True
with open(os.path.join(folder.name, "slow.py"), "w") as file:
    file.write({body!r})
{main}
"""
    return programs.run_text(text, *options)


def test_a_module_that_was_begun_before_gofer_was_imported() -> None:
    body = """
import gofer
from gofer import Chan, go
import builtins
builtins.out = Chan(1)
def use():
    from slow import ready
    out.send(ready())
go(use)
gofer.runtime.gosched()
def ready():
    return "ready"
"""
    done = run_package(body, "import slow\nprint(out.recv())", "plain")
    assert (done.out, done.err) == ("ready\n", "")


def test_a_goroutine_that_forks_while_it_imports() -> None:
    body = """
import os
from gofer import Chan
import builtins
builtins.begun = Chan(3)
begun.send(1)
pid = os.fork()
if pid:
    os.waitpid(pid, 0)
ready = "ready"
"""
    main = """
from gofer import go, Chan
def use(out=None):
    import slow
    if not slow.pid:
        import slow
        print("child", slow.ready, flush=True)
        os._exit(0)
    out.send(slow.ready)
out = Chan(3)
go(use, out)
go(use, out)
print("parent", out.recv(), out.recv())
"""
    done = run_package(body, main)
    assert done.out == "child ready\nparent ready ready\n", done.err


def test_a_forked_child_imports_anew_what_others_had_begun() -> None:
    body = """
import __main__
__main__.begun.send(os.getpid() if False else 1)
if __main__.first:
    __main__.over.recv()
ready = "ready"
"""
    main = """
from gofer import go, Chan
import signal
first = True
begun, over = Chan(3), Chan()
go(lambda: __import__("slow"))
begun.recv()
pid = os.fork()
if not pid:
    signal.alarm(60)
    first = False
    import slow
    print("child", slow.ready, flush=True)
    os._exit(0)
print(os.waitpid(pid, 0)[1])
go(over.close)
import slow
print("parent", slow.ready)
"""
    done = run_package(body.replace("os.getpid() if False else 1", "1"), main)
    assert done.out == "child ready\n0\nparent ready\n", done.err


def test_ctrl_c_while_it_waits() -> None:
    body = "import __main__\n__main__.begun.send(1)\n__main__.over.recv()\nready = 'ready'\n"
    main = """
import signal, threading
from gofer import go, Chan, runtime
begun, over = Chan(3), Chan()
go(lambda: __import__("slow"))
begun.recv()
def interrupt():
    while not any(g.wait_reason == "semacquire" for g in runtime.goroutines()):
        runtime.gosched()
    os.kill(os.getpid(), signal.SIGINT)
go(interrupt)
try:
    import slow
except KeyboardInterrupt:
    print("interrupted")
go(over.close)
import slow
print(slow.ready)
"""
    done = run_package(body, main)
    assert (done.out, done.err) == ("interrupted\nready\n", "")
