"""Contexts, under the virtual clock unless said otherwise."""

from __future__ import annotations

import contextvars
import copy
import gc
import threading
import tracemalloc
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import gofer
from gofer import Chan, DeadlockError, Panic, context, go, recv, runtime, select
from gofer._core.machine.guard import FREE_THREADED
from gofer._core.sched.timers import TIMERS
from gofer.context import CancelContext, Canceled, Context, DeadlineExceeded
from gofer.sync import WaitGroup

MANY = 100_000


def is_done(ctx: Context) -> bool:
    return select(recv(ctx.done()), default=True).index == 0


class Foreign:
    """A context that is none of gofer's."""

    def __init__(self) -> None:
        self.channel: Chan[None] = Chan()
        self.error: Exception | None = None

    def deadline(self) -> float | None:
        return None

    def done(self) -> Any:
        return self.channel.receiver

    def err(self) -> Exception | None:
        return self.error

    def value(self, key: Any) -> Any:
        return "foreign" if key == "k" else None

    def end(self, error: Exception) -> None:
        self.error = error
        self.channel.close()


class Hooked(Foreign):
    """It has Go's optional method."""

    def __init__(self) -> None:
        super().__init__()
        self.functions: dict[int, Callable[[], object]] = {}

    def after_func(self, fn: Callable[[], object]) -> Callable[[], bool]:
        key = len(self.functions)
        self.functions[key] = fn
        return lambda: self.functions.pop(key, None) is not None

    def end(self, error: Exception) -> None:
        super().end(error)
        for fn in list(self.functions.values()):
            fn()


class Wrapper:
    """A user's context around one of gofer's."""

    def __init__(self, inner: Context) -> None:
        self.inner = inner

    def deadline(self) -> float | None:
        return self.inner.deadline()

    def done(self) -> Any:
        return self.inner.done()

    def err(self) -> Exception | None:
        return self.inner.err()

    def value(self, key: Any) -> Any:
        return self.inner.value(key)


def test_roots_never_end() -> None:
    for root, name in ((context.background(), "context.Background"), (context.todo(), "context.TODO")):
        assert (root.deadline(), root.done(), root.err(), root.value("k"), str(root)) == (None, None, None, None, name)
        assert context.cause(root) is None
        assert isinstance(root, Context)


def test_cancel() -> None:
    ctx = context.with_cancel(context.background())
    assert ctx.err() is None
    assert not is_done(ctx)
    assert context.cause(ctx) is None
    ctx.cancel()
    ctx.cancel(ValueError("too late"))
    assert is_done(ctx)
    first, second = ctx.err(), ctx.err()
    assert isinstance(first, Canceled)
    assert str(first) == "context canceled"
    assert first is not second
    assert isinstance(context.cause(ctx), Canceled)
    assert ctx.done() == ctx.done()


def test_done_asked_for_after_the_end_is_closed() -> None:
    ctx = context.with_cancel(context.background())
    ctx.cancel()
    assert ctx.done().recv_ok() == (None, False)


def test_cancelling_reaches_descendants_only() -> None:
    root = context.with_cancel(context.background())
    child = context.with_cancel(context.with_value(root, "k", 1))
    grandchild = context.with_timeout(child, 1000)
    sibling = context.with_cancel(root)
    detached = context.without_cancel(child)
    child.cancel()
    assert [is_done(c) for c in (root, child, grandchild, sibling)] == [False, True, True, False]
    assert (detached.err(), detached.done(), detached.deadline(), detached.value("k")) == (None, None, None, 1)
    assert context.cause(detached) is None
    late = context.with_cancel(child)
    assert is_done(late)
    assert isinstance(late.err(), Canceled)


def test_leaving_the_block_cancels() -> None:
    with pytest.raises(KeyError), context.with_cancel(context.background()) as ctx:
        raise KeyError
    assert isinstance(ctx.err(), Canceled)


def test_causes_follow_who_was_first() -> None:
    cause1, cause2 = ValueError(1), ValueError(2)

    def pair() -> tuple[CancelContext, CancelContext]:
        parent = context.with_cancel_cause(context.background())
        return parent, context.with_cancel_cause(parent)

    parent, child = pair()
    parent.cancel(cause1)
    child.cancel(cause2)
    assert (context.cause(parent), context.cause(child)) == (cause1, cause1)
    parent, child = pair()
    child.cancel(cause2)
    parent.cancel(cause1)
    assert (context.cause(parent), context.cause(child)) == (cause1, cause2)
    assert isinstance(child.err(), Canceled)
    late = context.with_timeout(parent, 5)
    assert context.cause(late) is cause1
    with pytest.raises(TypeError, match="the cause is an exception or None, not str"):
        parent.cancel("why")  # type: ignore[arg-type]


def test_values() -> None:
    class Key:
        pass

    a, b = Key(), Key()
    first = context.with_value(context.background(), a, 1)
    second = context.with_cancel(context.with_value(first, b, 2))
    third = context.with_value(second, a, 3)
    assert (third.value(a), third.value(b), second.value(a), third.value("k"), third.value(None)) == (
        3,
        2,
        1,
        None,
        None,
    )
    typed = context.with_value(context.background(), 1, "int")
    assert (typed.value(1), typed.value(True), typed.value(1.0)) == ("int", None, None)
    with pytest.raises(Panic, match=r"^nil key$"):
        context.with_value(context.background(), None, 1)
    with pytest.raises(Panic, match=r"^key is not comparable$"):
        context.with_value(context.background(), [], 1)


def test_misuse() -> None:
    none: Any = None
    for make in (
        context.with_cancel,
        context.with_cancel_cause,
        context.without_cancel,
        lambda p: context.with_deadline(p, 1),
        lambda p: context.with_timeout(p, 1),
        lambda p: context.with_value(p, "k", 1),
    ):
        with pytest.raises(Panic, match=r"^cannot create context from nil parent$"):
            make(none)
        with pytest.raises(TypeError, match="a context is needed, not int, which has no method 'deadline'"):
            make(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="with_cancel"):
        CancelContext()  # type: ignore[call-arg, unused-ignore]
    with pytest.raises(TypeError, match="not callable"):
        context.after_func(context.background(), none)
    with pytest.raises(TypeError, match="number"):
        context.with_deadline(context.background(), "soon")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="NaN"):
        context.with_timeout(context.background(), float("nan"))
    with pytest.raises(TypeError, match="must not be copied"):
        copy.deepcopy(context.with_cancel(context.background()))


@pytest.mark.usefixtures("virtual_clock")
def test_deadlines() -> None:
    def main() -> None:
        began = TIMERS.now()
        ctx = context.with_timeout(context.background(), 10)
        assert ctx.deadline() == began + 10
        child = context.with_cancel(context.with_value(ctx, "k", 1))
        later = context.with_timeout(child, 20)
        sooner = context.with_timeout(child, 5)
        assert (child.deadline(), later.deadline(), sooner.deadline()) == (began + 10, began + 10, began + 5)
        assert str(later).endswith(".WithCancel")
        sooner.done().recv()
        assert TIMERS.now() == began + 5
        assert isinstance(sooner.err(), DeadlineExceeded)
        assert child.err() is None
        later.done().recv()
        assert TIMERS.now() == began + 10
        for ended in (ctx, child, later):
            error = ended.err()
            assert isinstance(error, TimeoutError)
            assert str(error) == "context deadline exceeded"

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_causes_of_deadlines() -> None:
    def main() -> None:
        slow, stopped = TimeoutError("too slow"), ValueError("stopped")
        ctx = context.with_timeout_cause(context.background(), 1, slow)
        ctx.done().recv()
        ctx.cancel(stopped)
        assert context.cause(ctx) is slow
        assert isinstance(ctx.err(), DeadlineExceeded)
        ctx = context.with_deadline_cause(context.background(), TIMERS.now() + 1, slow)
        ctx.cancel()
        assert isinstance(context.cause(ctx), Canceled)
        past = context.with_deadline_cause(context.background(), TIMERS.now() - 1, slow)
        assert context.cause(past) is slow
        with pytest.raises(TypeError, match="cause of a deadline"):
            context.with_timeout_cause(context.background(), 1, "slow")  # type: ignore[arg-type]

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_a_cancelled_deadline_is_forgotten() -> None:
    def main() -> None:
        context.with_timeout(context.background(), 100).cancel()
        parent = context.with_cancel(context.background())
        context.with_timeout(parent, 100)
        parent.cancel()
        with pytest.raises(DeadlockError):
            Chan[None]().recv()
        context.with_timeout(context.background(), float("inf"))  # nothing that could wake anybody
        with pytest.raises(DeadlockError):
            Chan[None]().recv()

    gofer.run(main)


def test_real_deadlines() -> None:
    with context.with_timeout(context.background(), 0.01) as ctx:
        gofer.run(ctx.done().recv)
        assert isinstance(ctx.err(), DeadlineExceeded)


def test_after_func() -> None:
    def main() -> None:
        called: Chan[str] = Chan(10)
        ctx = context.with_cancel(context.background())
        context.after_func(ctx, lambda: called.send("one"))
        stop = context.after_func(context.with_value(ctx, "k", 1), lambda: called.send("never"))
        stop_late = context.after_func(ctx, lambda: called.send("two"))
        assert stop()
        assert not stop()
        ctx.cancel()
        assert not stop_late()
        assert sorted([called.recv(), called.recv()]) == ["one", "two"]
        assert not context.after_func(ctx, lambda: called.send("at once"))()
        assert called.recv() == "at once"
        runtime.gosched()
        assert len(called) == 0
        assert context.after_func(context.background(), lambda: None)()

    gofer.run(main)


def test_after_func_has_the_variables_of_who_registered_it() -> None:
    variable = contextvars.ContextVar("variable", default="none")

    def main() -> str:
        told: Chan[str] = Chan()
        ctx = context.with_cancel(context.background())
        variable.set("registered")
        context.after_func(ctx, lambda: told.send(variable.get()))
        variable.set("cancelled")
        ctx.cancel()
        return told.recv()

    assert contextvars.copy_context().run(gofer.run, main) == "registered"


@pytest.mark.parametrize("kind", [Foreign, Hooked])
@pytest.mark.parametrize(
    ("error", "expected"),
    [(Canceled(), Canceled), (DeadlineExceeded(), DeadlineExceeded), (KeyError("own"), KeyError)],
    ids=str,
)
def test_a_foreign_parent_ends_its_children(kind: type[Foreign], error: Exception, expected: type[Exception]) -> None:
    def main() -> None:
        parent = kind()
        child = context.with_cancel(context.with_value(parent, "mine", 1))
        timed = context.with_timeout(parent, 1000)
        called: Chan[None] = Chan()
        context.after_func(parent, called.close)
        assert child.value("k") == "foreign"
        parent.end(error)
        child.done().recv()
        timed.done().recv()
        called.recv()
        for ended in (child, timed):
            assert type(ended.err()) is expected
            assert type(context.cause(ended)) is expected
        assert is_done(context.with_cancel(parent))

    gofer.run(main)


@pytest.mark.parametrize("kind", [Foreign, Hooked])
def test_what_ends_before_its_foreign_parent_leaves_nothing(kind: type[Foreign]) -> None:
    def main() -> None:
        parent = kind()
        before = runtime.num_goroutine()
        child = context.with_cancel(parent)
        stop = context.after_func(parent, lambda: None)
        child.cancel()
        assert stop()
        while runtime.num_goroutine() > before:
            runtime.gosched()
        if isinstance(parent, Hooked):
            assert parent.functions == {}

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_a_deadline_leaves_a_foreign_parent_too() -> None:
    def main() -> None:
        parent = Hooked()
        assert isinstance(context.with_timeout(parent, 0).err(), DeadlineExceeded)
        assert parent.functions == {}
        context.with_timeout(parent, 5).done().recv()
        while parent.functions:
            runtime.gosched()

    gofer.run(main)


def test_a_wrapper_costs_no_goroutine_and_keeps_the_cause() -> None:
    def main() -> None:
        inner = context.with_cancel(context.background())
        before = runtime.num_goroutine()
        child = context.with_cancel(Wrapper(inner))
        assert runtime.num_goroutine() == before
        why = ValueError("why")
        inner.cancel(why)
        assert is_done(child)
        assert context.cause(child) is why

    gofer.run(main)


def test_a_foreign_parent_that_does_not_say_why() -> None:
    parent = Foreign()
    parent.channel.close()
    with pytest.raises(Panic, match="Foreign is done, but its err\\(\\) is None"):
        context.with_cancel(parent)


class Named:
    def __str__(self) -> str:
        return "named"


@pytest.mark.usefixtures("virtual_clock")
def test_text() -> None:
    background = context.background()
    for ctx, expected in (
        (context.with_cancel(background), "context.Background.WithCancel"),
        (context.with_value(context.todo(), Named, Named()), "context.TODO.WithValue(type, named)"),
        (context.with_value(background, "k", 1), "context.Background.WithValue(k, int)"),
        (context.with_value(background, "k", None), "context.Background.WithValue(k, <nil>)"),
        (context.without_cancel(context.with_cancel(background)), "context.Background.WithCancel.WithoutCancel"),
        (context.with_cancel(Foreign()), f"{__name__}.Foreign.WithCancel"),
    ):
        assert str(ctx) == repr(ctx) == expected
    with context.with_timeout(background, 3723.5) as ctx:  # else it would hide the deadlocks of other tests
        timed = str(ctx)
    assert timed.startswith("context.Background.WithDeadline(20")
    assert timed.endswith(" [1h2m3.5s])")


def test_a_wide_tree() -> None:
    root = context.with_cancel(context.background())
    children = [context.with_cancel(root) for _ in range(MANY)]
    root.cancel()
    assert all(child.err() for child in children)


def test_a_deep_tree() -> None:
    root: Context = context.background()
    top = at = context.with_cancel(root)
    for n in range(MANY // 2):
        at = context.with_cancel(context.with_value(at, n, n))
    assert (at.value(0), at.value(-1), at.deadline()) == (0, None, None)
    assert len(str(at)) > MANY
    top.cancel()
    assert at.err()
    del top, at  # freed from the end: must not overflow either
    at = context.with_cancel(root)
    for _ in range(MANY):
        at = context.with_cancel(at)
    del at
    gc.collect()


def test_children_that_have_ended_are_let_go() -> None:
    parent = context.with_cancel(context.background())
    ended = context.with_cancel(parent)
    seen = weakref.ref(ended)
    stop = context.after_func(parent, lambda: None)
    kept = context.with_cancel(parent)
    ended.cancel()
    stop()
    del ended, stop
    gc.collect()
    assert seen() is None
    assert [r for r in gc.get_referrers(kept) if type(r) is dict and len(r) == 1 and kept in r]

    def churn(n: int) -> None:
        for _ in range(n):
            context.with_timeout(parent, 1000).cancel()

    churn(1000)
    grown = []
    tracemalloc.start()
    for _ in range(6):
        before = tracemalloc.get_traced_memory()[0]
        churn(2000)
        if FREE_THREADED:
            gc.collect()  # there the interpreter may keep the memory of a list that threads share until then
        grown.append(tracemalloc.get_traced_memory()[0] - before)
    tracemalloc.stop()
    assert min(grown) < 50_000  # 25 bytes of each of the 2,000: less than the smallest object
    assert parent.err() is None


def test_a_tree_nobody_refers_to_is_collected() -> None:
    root = context.with_cancel(context.background())
    leaf = context.with_cancel(context.with_value(root, "k", 1))
    seen = weakref.ref(root), weakref.ref(leaf)
    del root, leaf
    gc.collect()
    assert [ref() for ref in seen] == [None, None]


@pytest.mark.parametrize("procs", [1, 4])
def test_many_cancel_and_derive_at_once(procs: int) -> None:
    """Whoever sees the end of a context finds it closed, and nothing derived from it stays open."""

    def main() -> None:
        for _ in range(30):
            root = context.with_cancel(context.background())
            wg = WaitGroup()
            made: Chan[CancelContext] = Chan(400)
            begun: Chan[None] = Chan(8)

            def derive(root: CancelContext, made: Chan[CancelContext], begun: Chan[None]) -> None:
                begun.send(None)
                at = root
                for n in range(20):
                    at = context.with_cancel(context.with_value(at if n % 3 else root, n, n))
                    made.send(at)
                    if n % 5 == 0:
                        context.with_timeout(at, 1000).cancel()

            def watch(root: CancelContext) -> None:
                done = root.done()
                while root.err() is None:
                    runtime.gosched()
                assert select(recv(done), default=True).index == 0

            def cancel(root: CancelContext, begun: Chan[None]) -> None:
                begun.recv()
                root.cancel()

            for _ in range(4):
                wg.go(derive, root, made, begun)
                wg.go(watch, root)
            wg.go(cancel, root, begun)
            thread = threading.Thread(target=derive, args=(root, made, begun))
            thread.start()
            wg.wait()
            while thread.is_alive():
                runtime.gosched()
            while len(made):
                ctx = made.recv()
                assert is_done(ctx)
                assert isinstance(ctx.err(), Canceled)

    before = runtime.gomaxprocs(procs)
    try:
        gofer.run(main)
    finally:
        runtime.gomaxprocs(before)


def test_a_foreign_thread_waits_for_a_context() -> None:
    def main() -> None:
        ctx = context.with_cancel(context.background())
        told: Chan[str] = Chan()

        def tell() -> None:
            ctx.done().recv()
            told.send(str(ctx.err()))

        threading.Thread(target=tell).start()
        go(ctx.cancel)
        assert told.recv() == "context canceled"

    gofer.run(main)
