"""Trees of contexts against a table of nodes, under the virtual clock.

Deadlines lie a quarter after whole numbers of seconds and the clock is read at whole ones: no two moments compete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from gofer import context, recv, select, time
from gofer._core.sched.timers import TIMERS
from tests.model.stepping import SETTINGS, OneWorker, settle


@dataclass
class Node:
    """`end` is why it has ended; `cancels` whether it can, of itself."""

    parent: Node | None
    ctx: Any
    cancels: bool = False
    shields: bool = False
    deadline: float | None = None
    end: tuple[type[Exception], object] | None = None
    values: dict[str, int] = field(default_factory=dict)
    calls: int = 0  # functions that have to have been called
    pending: list[tuple[int, Any]] = field(default_factory=list)  # functions that are to be called, and their stops

    def source(self) -> Node | None:
        """The node whose end is this one's."""
        at: Node | None = self
        while at is not None and not at.cancels:
            at = None if at.shields else at.parent
        return at


class ContextMachine(OneWorker):
    @initialize()
    def make(self) -> None:
        TIMERS.set_virtual(True)
        self.now = 0.0
        self.start = TIMERS.now()
        self.nodes = [Node(None, context.background())]
        self.called: list[int] = []
        self.expected: list[int] = []
        self.functions = 0

    def node(self, choice: int) -> Node:
        return self.nodes[choice % len(self.nodes)]

    def add(self, node: Node) -> None:
        """A new node has the end of its parent already, if that has ended."""
        above = node.parent.source() if node.parent is not None else None
        if node.cancels and above is not None and above.end is not None:
            node.end = above.end
        self.nodes.append(node)

    @rule(choice=st.integers(0, 100))
    def with_cancel(self, choice: int) -> None:
        parent = self.node(choice)
        self.add(Node(parent, context.with_cancel(parent.ctx), cancels=True))

    @rule(choice=st.integers(0, 100), seconds=st.integers(0, 20))
    def with_timeout(self, choice: int, seconds: int) -> None:
        parent = self.node(choice)
        ctx = context.with_timeout(parent.ctx, seconds + 0.25)
        self.add(Node(parent, ctx, cancels=True, deadline=self.now + seconds + 0.25))

    @rule(choice=st.integers(0, 100), key=st.sampled_from("ab"), value=st.integers(0, 9))
    def with_value(self, choice: int, key: str, value: int) -> None:
        parent = self.node(choice)
        self.add(Node(parent, context.with_value(parent.ctx, key, value), values={key: value}))

    @rule(choice=st.integers(0, 100))
    def without_cancel(self, choice: int) -> None:
        parent = self.node(choice)
        self.add(Node(parent, context.without_cancel(parent.ctx), shields=True))

    @rule(choice=st.integers(0, 100))
    def after_func(self, choice: int) -> None:
        node = self.node(choice)
        n = self.functions
        self.functions += 1
        stop = context.after_func(node.ctx, lambda: self.called.append(n))
        source = node.source()
        if source is not None and source.end is not None:
            self.expected.append(n)
        elif source is not None:
            source.pending.append((n, stop))

    @rule(choice=st.integers(0, 100))
    def stop(self, choice: int) -> None:
        pending = [(node, entry) for node in self.nodes for entry in node.pending]
        if pending:
            node, (n, stop) = pending[choice % len(pending)]
            assert stop()
            assert not stop()
            node.pending.remove((n, stop))

    @precondition(lambda self: any(node.cancels for node in self.nodes))
    @rule(choice=st.integers(0, 100), cause=st.sampled_from([None, ValueError("why"), KeyError("how")]))
    def cancel(self, choice: int, cause: Exception | None) -> None:
        candidates = [node for node in self.nodes if node.cancels]
        node = candidates[choice % len(candidates)]
        node.ctx.cancel(cause)
        self.end(node, (context.Canceled, cause))

    def end(self, node: Node, why: tuple[type[Exception], object]) -> None:
        """Ends it and all below whose end it is, unless they have ended before."""
        if node.end is not None:
            return
        below = [other for other in self.nodes if other.cancels and self.hangs_on(other, node)]
        for each in (node, *below):
            if each.end is None:
                each.end = why
                self.expected += [n for n, _ in each.pending]
                each.pending.clear()

    def hangs_on(self, node: Node, above: Node) -> bool:
        at = node.parent.source() if node.parent is not None else None
        while at is not None and at is not above:
            at = at.parent.source() if at.parent is not None else None
        return at is above

    @rule(seconds=st.integers(1, 8))
    def advance(self, seconds: int) -> None:
        time.sleep(self.start + self.now + seconds - TIMERS.now())
        self.now += seconds
        due = [node for node in self.nodes if node.deadline is not None and node.deadline <= self.now]
        for node in sorted(due, key=lambda node: node.deadline or 0.0):
            self.end(node, (context.DeadlineExceeded, None))

    @invariant()
    def agrees(self) -> None:
        settle()
        assert sorted(self.called) == sorted(self.expected)
        for node in self.nodes:
            source = node.source()
            end = source.end if source is not None else None
            error = node.ctx.err()
            if end is None:
                assert error is None
                assert context.cause(node.ctx) is None
            else:
                kind, cause = end
                assert type(error) is kind
                assert context.cause(node.ctx) is cause if cause is not None else type(context.cause(node.ctx)) is kind
            done = node.ctx.done()
            assert (done is None) == (source is None)
            assert done is None or (select(recv(done), default=True).index == 0) == (end is not None)
            self.check_values(node)

    def check_values(self, node: Node) -> None:
        found: dict[str, int] = {}
        deadlines: list[float] = []
        shielded = False
        at: Node | None = node
        while at is not None:
            found = at.values | found
            shielded = shielded or at.shields
            if at.deadline is not None and not shielded:
                deadlines.append(at.deadline)
            at = at.parent
        assert (node.ctx.value("a"), node.ctx.value("b")) == (found.get("a"), found.get("b"))
        deadline = node.ctx.deadline()
        if not deadlines:
            assert deadline is None
        else:
            assert round(deadline - self.start, 2) == min(deadlines)

    def teardown(self) -> None:
        for node in self.nodes:
            if node.cancels:
                node.ctx.cancel()
                self.end(node, (context.Canceled, None))
        self.agrees()
        TIMERS.set_virtual(False)
        super().teardown()


TestContext = ContextMachine.TestCase
TestContext.settings = SETTINGS
