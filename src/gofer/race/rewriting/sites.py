"""Places of the program whose access is known only in steps, and the ones that a statement's form hides.

Among several targets `f().items[g()]` is `aim(f().items)[key(g())]`: `aim` keeps the target until `key`, in the same
frame, records the access. One access at a time is under way at one place of one frame.
"""

from __future__ import annotations

import ast
import collections
import sys
import types
from typing import Any

from gofer.race.effects import probes, reads
from gofer.race.effects.peek import is_a, names_of, of_class, own
from gofer.race.engine import detector


class Site:
    """One place of the program, with what is under way there by frame: the target, and the bounds of a slice."""

    def __init__(self, write: Any) -> None:
        self.write = write
        self.last = ""
        self.waiting: dict[int, tuple[Any, list[Any]]] = {}

    def aim(self, target: Any) -> Any:
        """The container, before its key is known."""
        frame = id(sys._getframe(1))
        self.waiting[frame] = (target, [None, None, None])
        if self.last == "" and self.write == "resize":
            self.slice_known(frame)
        return target

    def key(self, key: Any) -> Any:
        """The key: the access is known."""
        target, _ = self.waiting.pop(id(sys._getframe(1)))
        probes.subscript(target, key, self.write)
        return key

    def lower(self, bound: Any) -> Any:
        """A bound of a slice."""
        return self.bounded("lower", 0, bound)

    def upper(self, bound: Any) -> Any:
        """A bound of a slice."""
        return self.bounded("upper", 1, bound)

    def step(self, bound: Any) -> Any:
        """The step of a slice."""
        return self.bounded("step", 2, bound)

    def bounded(self, name: str, place: int, bound: Any) -> Any:
        frame = id(sys._getframe(2))
        self.waiting[frame][1][place] = bound
        if name == self.last:
            self.slice_known(frame)
        return bound

    def slice_known(self, frame: int) -> None:
        target, bounds = self.waiting.pop(frame)
        probes.subscript(target, slice(*bounds), self.write)


class Unpacking:
    """Goes over what a loop unpacks: each item is read with all it holds."""

    def __init__(self, iterator: Any) -> None:
        self.iterator = iterator

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        value = next(self.iterator)
        reads.contents(value)
        return value


UNPACKED = (list, tuple, collections.deque, detector.STATE["steps"])


def unpacking(value: Any) -> Any:
    """What a loop with several targets goes over."""
    return Unpacking(iter(value)) if type(value) in UNPACKED else value


class Text:
    """A place where `exec` or `eval` is called: source text is compiled with probes."""

    def __init__(self, mode: str) -> None:
        self.mode = mode

    def compiled(self, source: Any) -> Any:
        """The code of a text; anything else, and a text with a mistake in it, is left to the call."""
        if type(source) is not str or not detector.SWITCH.on:
            return source
        from gofer.race.rewriting.instrument import compile_text

        return compile_text(source, self.mode, sys._getframe(1).f_code.co_flags)


# -- match: what a subject is asked for --


def plan_of(pattern: Any) -> Any:
    """What a pattern reads of a subject: a tuple whose first item is its kind, or None for nothing."""
    if isinstance(pattern, ast.MatchAs):
        return plan_of(pattern.pattern) if pattern.pattern is not None else None
    if isinstance(pattern, ast.MatchValue):
        return ("value", pattern.value.value if isinstance(pattern.value, ast.Constant) else detector)
    if isinstance(pattern, ast.MatchSingleton):
        return ("value", pattern.value)
    if isinstance(pattern, ast.MatchOr):
        return ("or", *[plan_of(item) for item in pattern.patterns])
    if isinstance(pattern, ast.MatchSequence):
        star = [i for i, item in enumerate(pattern.patterns) if isinstance(item, ast.MatchStar)]
        items = [item.name if isinstance(item, ast.MatchStar) else plan_of(item) for item in pattern.patterns]
        return ("sequence", star[0] if star else None, *items)
    if isinstance(pattern, ast.MatchMapping):
        keys = [key.value if isinstance(key, ast.Constant) else detector for key in pattern.keys]
        return ("mapping", pattern.rest is not None, *zip(keys, map(plan_of, pattern.patterns), strict=True))
    name = pattern.cls.attr if isinstance(pattern.cls, ast.Attribute) else getattr(pattern.cls, "id", "")
    named = zip(pattern.kwd_attrs, map(plan_of, pattern.kwd_patterns), strict=True)
    return ("class", name, [plan_of(item) for item in pattern.patterns], list(named))


class Matching:
    """A `match` statement: its cases' plans, and whether each has a guard."""

    def __init__(self, plans: Any) -> None:
        self.plans = plans

    def subject(self, subject: Any) -> Any:
        """Records what the cases read, up to the one that is taken."""
        for plan, guarded in self.plans:
            if ask(plan, subject) is True and not guarded:
                break
        return subject


def ask(plan: Any, subject: Any) -> Any:
    """Records what one pattern reads; True or False where it is sure to match or not, else None."""
    if plan is None:
        return True
    kind = plan[0]
    if kind == "value":
        if plan[1] is detector or type(subject) not in (int, str, bool, float, bytes, type(None)):
            return None
        return bool(subject == plan[1])
    if kind == "or":
        for item in plan[1:]:
            found = ask(item, subject)
            if found is not False:
                return found
        return False
    asked = {"sequence": ask_sequence, "mapping": ask_mapping, "class": ask_class}[kind]
    return asked(plan, subject)


def combined(answers: list[Any]) -> Any:
    return False if False in answers else (None if None in answers else True)


def ask_sequence(plan: Any, subject: Any) -> Any:
    kind = type(subject)
    if not issubclass(kind, (list, tuple, collections.deque)):
        return None
    if (
        type(of_class(kind, "__getitem__")) is types.FunctionType
        or type(of_class(kind, "__len__")) is types.FunctionType
    ):
        return None
    star, items = plan[1], plan[2:]
    watched = not issubclass(kind, tuple)
    if watched:
        detector.access(subject, detector.STRUCTURE, False)
    size = len(subject)
    if size != len(items) if star is None else size < len(items) - 1:
        return False
    answers = []
    for place, item in enumerate(items):
        if place == star:
            if watched and item is not None and False not in answers:
                probes.subscript(subject, slice(star, star + size - len(items) + 1), False)
            continue
        index = place if star is None or place < star else place - len(items) + size
        if watched:
            probes.subscript(subject, index, False)
        answers.append(ask(item, subject[index]))
        if answers[-1] is False:
            return False
    return combined(answers)


def ask_mapping(plan: Any, subject: Any) -> Any:
    if not is_a(subject, dict) or type(of_class(type(subject), "get")) is types.FunctionType:
        return None
    answers: list[Any] = []
    for key, item in plan[2:]:
        if key is detector:
            answers.append(None)
            continue
        probes.subscript(subject, key, False)
        if not dict.__contains__(subject, key):
            return False
        answers.append(ask(item, dict.__getitem__(subject, key)))
    if plan[1]:
        reads.contents(subject)
    return combined(answers)


def ask_class(plan: Any, subject: Any) -> Any:
    _, name, positional, named = plan
    kind = type(subject)
    if name not in names_of(kind):
        return False
    asked = [*zip(of_class(kind, "__match_args__") or (), positional, strict=False), *named]
    answers: list[Any] = [None]
    for attribute, item in asked:
        probes.attribute(subject, attribute, False)
        held = own(subject, attribute)
        answers.append(ask(item, held) if held is not None or item is None else None)
    return combined(answers)


def delegated(value: Any) -> Any:
    """What `yield from` hands on."""
    reads.listed(value)
    return value
