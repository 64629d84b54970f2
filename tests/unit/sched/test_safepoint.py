"""Where a goroutine is not preempted: where it may hold a lock of its thread, of the process or of the system."""

from __future__ import annotations

import pathlib
import sys
import threading
import types
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from gofer._core.sched import holdings, preempt, safepoint, stackmap
from tests import programs

compiled = pytest.mark.skipif(not preempt.is_on(), reason="only the compiled core preempts")

HARNESS = """
import contextlib, fcntl, os, sqlite3, tempfile, threading, time, weakref
from gofer import Chan, go, runtime
runs = 0
def other():
    global runs
    while True:
        runs += 1
        runtime.gosched()
def switched():  # whether another goroutine has run meanwhile; several rounds of the monitor pass
    before = runs
    end = time.thread_time() + 0.06
    while time.thread_time() < end:
        pass
    return runs != before
def anywhere():
    before = runs
    while runs == before:
        pass
    return True
path = os.path.join(tempfile.mkdtemp(), "db")
with sqlite3.connect(path) as made:
    made.execute("create table t (i)")
    made.executemany("insert into t values (?)", [(1,), (2,)])
made.close()
opened = []
def connection(**options):
    opened.append(sqlite3.connect(path, **options))
    return opened[-1]
lock = threading.Lock()
results = Chan(1)
def call(name):  # no variable of a call refers to the function
    try:
        return places[name]()
    finally:
        while opened:
            opened.pop().close()
def each():
    for name in list(places):
        results.send((name, call(name)))
    results.close()
{text}
go(other)
go(each)
for name, result in results:
    print(name, result)
"""

HELD = """
def jump():
    end = time.thread_time() + 0.06
    before = runs
    with lock:
        while time.thread_time() < end:
            pass
        found = runs != before
    return found
class Aliased:
    def take(self):
        self.found = [switched()]
        return self
    def drop(self, *info):
        self.found.append(switched())
    __enter__ = take
    __exit__ = drop
def aliased():
    with Aliased() as both:
        pass
    return any(both.found)
class Inherited(contextlib.AbstractContextManager):
    def __exit__(self, *info):
        pass
def inherited():
    with Inherited():
        return switched()
class File(__import__("io").BytesIO):
    pass
def derived():
    with File():
        return switched()
def held_by():
    with lock:
        yield 1
def delegating():
    yield from held_by()
def loop():
    for _ in held_by():
        return switched()
def inner_loop():
    for _ in delegating():
        return switched()
def expression():
    return [switched() for _ in held_by()][0]
def variable():
    suspended = held_by()
    next(suspended)
    return switched()
def enclosing():
    suspended = held_by()
    next(suspended)
    def inner():
        suspended
        return switched()
    return inner()
def take(file):
    fcntl.flock(file, fcntl.LOCK_EX)
def drop(file):
    fcntl.flock(file, fcntl.LOCK_UN)
def file_lock():
    with open(path + ".lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        return switched()
def helper():
    with open(path + ".lock", "w") as file:
        take(file)
        found = switched()
        drop(file)
        return found
class Locker:
    def take(self):
        lock.acquire()
    @staticmethod
    def drop():
        lock.release()
def method():
    locker = Locker()
    locker.take()
    found = switched()
    locker.drop()
    return found
helpers = type(os)("helpers")
helpers.take = take
helpers.drop = drop
def module():
    with open(path + ".lock", "w") as file:
        helpers.take(file)
        found = switched()
        helpers.drop(file)
        return found
def closure():
    def take():
        lock.acquire()
    def drop():
        lock.release()
    take()
    found = switched()
    drop()
    return found
def finalizer():
    class Dying:
        pass
    found = []
    dying = Dying()
    noticed = weakref.ref(dying, lambda dead: found.append(switched()))
    weakref.finalize(dying, lambda: found.append(switched()))
    del dying
    return any(found)
places = dict(
    finalizer=finalizer, jump=jump, aliased=aliased, inherited=inherited, derived=derived, loop=loop,
    inner_loop=inner_loop, expression=expression, variable=variable, enclosing=enclosing, file_lock=file_lock,
    helper=helper, method=method, module=module, closure=closure,
)
"""

TRANSACTIONS = """
def insert(db):
    db.execute("insert into t values (3)")
def implicit():
    db = connection()
    insert(db)
    return switched()
def explicit():
    db = connection(isolation_level=None)
    db.execute("begin immediate")
    return switched()
def cursor():
    cursor = connection().cursor()
    insert(cursor)
    return switched()
class Store:
    def __init__(self, db):
        self.db = db
class Slotted:
    __slots__ = ("db",)
    def __init__(self, db):
        self.db = db
def attribute():
    store = Store(connection())
    insert(store.db)
    return switched()
def materialized():
    store = Store(connection())
    vars(store)["more"] = 1
    insert(store.db)
    return switched()
def slot():
    store = Slotted(connection())
    insert(store.db)
    return switched()
def free():
    db = connection()
    insert(db)
    def inner():
        db
        return switched()
    return inner()
def argument():
    def inner(db):
        return switched()
    def outer(db):
        insert(db)
        return inner(db)
    return outer(connection())
def named():
    global shared
    shared = connection()
    insert(shared)
    def inner():
        shared
        return switched()
    return inner()
def reading():
    for row in connection().execute("select * from t"):
        return switched()
def generating():
    def rows():
        db = connection()
        insert(db)
        yield 1
    for _ in rows():
        return switched()
def manager():
    db = connection()
    with db:
        insert(db)
        return switched()
def closing():
    with contextlib.closing(connection()) as db:
        insert(db)
        return switched()
class Foreign:
    def commit(self): pass
    def rollback(self): pass
def foreign():
    session = Foreign()
    return switched()
def names():
    found = switched()
    if not found:
        return found
    Foreign().commit()
places = dict(
    implicit=implicit, explicit=explicit, cursor=cursor, attribute=attribute, materialized=materialized, slot=slot,
    free=free, argument=argument, named=named, reading=reading, generating=generating, manager=manager,
    closing=closing, foreign=foreign, names=names,
)
"""

FREE = """
def nothing():
    return anywhere()
def idle():
    db = connection()
    store = [db, db.cursor()]
    with contextlib.closing(db):
        return anywhere()
def ended():
    db = connection()
    insert(db)
    return anywhere()
def insert(db):
    db.execute("insert into t values (3)")
    db.commit()
def closed():
    db = connection()
    db.close()
    return anywhere()
def whole():
    hold()
    return anywhere()
def hold():
    lock.acquire()
    lock.release()
def count():
    yield 1
    with lock:
        yield 2
def generators():
    suspended = count()
    next(suspended)
    for _ in count():
        with open(path):
            return anywhere()
def files():
    with open(path) as file, contextlib.suppress(OSError), contextlib.ExitStack() as both:
        both.enter_context(open(path))
        return [anywhere() for _ in file.name][0]
places = dict(nothing=nothing, idle=idle, ended=ended, closed=closed, whole=whole, generators=generators, files=files)
"""


@compiled
@pytest.mark.parametrize("text", [HELD, TRANSACTIONS], ids=["locks", "transactions"])
def test_who_may_hold_something_is_not_preempted(text: str) -> None:
    done = programs.run_text(HARNESS.replace("{text}", text), GOMAXPROCS="1")
    assert done.status == 0, done.err
    lines = done.out.splitlines()
    assert len(lines) > 10, done
    assert [line for line in lines if not line.endswith(" False")] == []


@compiled
def test_who_holds_nothing_is_preempted() -> None:
    done = programs.run_text(HARNESS.replace("{text}", FREE), GOMAXPROCS="1")
    assert (done.status, len(done.out.splitlines())) == (0, 7), done.err
    assert [line for line in done.out.splitlines() if not line.endswith(" True")] == []


def leaves_in_all_ways(lock: Any, other: Any) -> Any:
    for n in range(8):
        with lock:
            if n == 1:
                continue
            while n > 2:
                n -= 1
        try:
            with lock as _, other:
                if n == 2:
                    raise KeyError
                try:
                    n += 1
                finally:
                    n += 1
        except KeyError:
            n += 1
        for _ in range(3):
            with lock:
                if n == 3:
                    break
    with other:
        for _ in range(2):
            try:
                with lock:
                    return [n for _ in range(3)]
            finally:
                n += 1
    return None


def in_generator(lock: Any, other: Any) -> Any:
    def one() -> Iterator[int]:
        with lock:
            yield 1
        yield 2

    def more() -> Iterator[int]:
        yield from one()

    for _ in one():
        lock.locked()
    for _ in zip(enumerate(more()), map(str, range(9)), strict=False):
        lock.locked()
    next(suspended := more())
    lock.locked()
    suspended.close()
    return [n + 1 for n in one()]


@compiled
@pytest.mark.parametrize("function", [leaves_in_all_ways, in_generator])
def test_no_instruction_in_a_with_block_is_free(function: Any) -> None:
    lock, other = threading.Lock(), threading.Lock()
    looks = {True: 0, False: 0}
    free_while_held = []
    here = sys._getframe()

    def trace(frame: types.FrameType, event: str, argument: Any) -> Any:
        frame.f_trace_opcodes = True
        if event == "return":
            return trace  # nobody is preempted there, and an exception has emptied the stack
        free = True
        at: types.FrameType | None = frame
        while at is not None and at is not here:
            free = free and safepoint.is_free(at, look)
            at = at.f_back
        free = free and all(safepoint.is_generator_free(each, look) for each in look.generators)
        looks[free] += 1
        if free and (lock.locked() or other.locked()):
            free_while_held.append((frame.f_code.co_name, event, frame.f_lineno, frame.f_lasti))
        return trace

    look = holdings.Look()
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(lock, other)
    finally:
        sys.settrace(before)
    assert free_while_held == []
    assert looks[True] > 20
    assert looks[False] > 20


# The monitor itself ends the wait, when it has told of it several times.
WAITED = """
import os
from gofer import go, runtime
from gofer._core.sched.monitor import MONITOR
read, write = os.pipe()
told = []
order = []
def end_wait(worker, seconds):
    told.append(seconds)
    if len(told) % 5 == 0:
        os.write(write, b"x")
MONITOR.attach(end_wait)
def get():
    return os.read(read, 1)
def wait():
    get()
    order.append("who waited")
def other():
    order.append("other")
for _ in range(10):
    go(wait)
    go(other)
    runtime.gosched()
print(order == ["who waited", "other"] * 10, len(told) >= 50)
"""


@compiled
def test_a_goroutine_that_has_waited_in_c_goes_on() -> None:
    done = programs.run_text(WAITED, GOMAXPROCS="1")
    assert (done.status, done.out) == (0, "True True\n"), done.err


WRITERS = """
import os, sqlite3, tempfile
from gofer import time
from gofer.sync import WaitGroup
path = os.path.join(tempfile.mkdtemp(), "db")
db = sqlite3.connect(path)
db.execute("pragma journal_mode=wal")
db.execute("create table t (i integer, j integer)")
db.close()
def write(i):
    db = sqlite3.connect(path, timeout=60, isolation_level={level!r})
    for j in range(4):
        {statements}
        time.sleep(0)
    db.close()
group = WaitGroup()
for i in range(30):
    group.go(write, i)
group.wait()
print(sqlite3.connect(path).execute("select count(*) from t").fetchone())
"""
STATEMENTS = {
    "with": "with db: db.execute('insert into t values (?, ?)', (i, j))",
    "commit": "db.execute('insert into t values (?, ?)', (i, j)); db.commit()",
    "begin": "db.execute('begin immediate'); db.execute('insert into t values (?, ?)', (i, j)); db.execute('commit')",
}


@compiled
@pytest.mark.parametrize("statements", STATEMENTS.values(), ids=STATEMENTS)
def test_writers_of_one_database_get_through_on_several_workers(statements: str) -> None:
    level = None if "begin" in statements else ""
    text = WRITERS.replace("{statements}", statements).replace("{level!r}", repr(level))
    done = programs.run_text(text, GOMAXPROCS="4")
    assert (done.status, done.out) == (0, "(120,)\n"), done.err


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield from codes(each)


def library() -> Iterator[types.CodeType]:
    """The code of a part of the standard library."""
    for path in sorted(pathlib.Path(types.__file__).parent.glob("[a-s]*.py")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield from codes(compile(path.read_bytes(), str(path), "exec", dont_inherit=True))


def blocks(code: types.CodeType, offset: int, steps: dict[int, Any], handlers: list[Any]) -> set[int]:
    """The heights of the stack below the `with` blocks around an instruction, as the exception table has them."""
    found: set[int] = set()
    at = offset
    for _ in handlers:
        entry = next((each for each in handlers if each.start <= at < each.end), None)
        if entry is None:
            break
        at = entry.target
        if steps[steps[at].following].name == "WITH_EXCEPT_START":
            found.add(entry.depth - (2 if stackmap.SPECIAL else 1))
    return found


def test_the_map_of_the_stack_has_all_that_the_exception_table_has() -> None:
    seen = 0
    missing = []
    for code in library():
        marks = stackmap.all_marks(code)
        assert all(0 <= place <= code.co_stacksize for each in marks.values() for place, _ in each), code
        steps = dict(stackmap.instructions(code.co_code))
        handlers = list(stackmap.exception_entries(code.co_exceptiontable))
        for offset in steps if handlers else ():
            wanted = blocks(code, offset, steps, handlers)
            have = {place for place, kind in marks.get(offset, ()) if kind == stackmap.EXIT}
            seen += len(wanted)
            if not wanted <= have and steps[offset].name not in DEAD:
                missing.append((code, offset, steps[offset].name))
    assert seen > 1000
    assert missing == []


DEAD = (
    "LOAD_CONST",
    "LOAD_COMMON_CONSTANT",
    "STORE_FAST",
    "DELETE_FAST",
    "RERAISE",
)  # `del error` that nothing reaches


def inside(function: Any, name: str) -> list[stackmap.Marks]:
    """The marks at each place where a function loads a name."""
    code = function.__code__
    found = []
    for offset, step in stackmap.instructions(code.co_code):
        if step.name == "LOAD_GLOBAL" and code.co_names[step.arg >> 1] == name:
            found.append(stackmap.marks_at(code, offset))
    return found


def test_the_map_follows_what_the_table_leaves_out() -> None:
    def returns(manager: Any, items: Any) -> Any:
        for item in items:
            with manager:
                if item:
                    return item
            here
        return None

    def ends_in_finally(manager: Any) -> Any:
        try:
            with manager:
                return 1
        finally:
            here

    assert set(inside(returns, "here")) == {((0, stackmap.ITERATOR),)}
    assert set(inside(ends_in_finally, "here")) == {()}


here: Any = None
