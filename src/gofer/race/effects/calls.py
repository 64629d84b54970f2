"""Calls: what a call reads and writes is looked up in `library`; and all that the C probes leave to Python."""

from __future__ import annotations

import types
from typing import Any

from gofer.race.effects import library, probes, reads
from gofer.race.engine import detector


def recorded(function: Any, args: Any, kwargs: Any) -> Any:
    """Records a call; returns the arguments to make it with, True where it is of no interest, now and later."""
    if not detector.SWITCH.on:
        return args
    effect = library.effect_of(function)
    if effect is None:
        return True
    changed = effect(args, kwargs or {})
    return args if changed is None else changed


def contained(value: Any) -> None:
    """The right side of `in`."""
    library.contained((value,), {})


def install() -> None:
    """Has the C probes call what they leave to Python."""
    detector.leave_to(
        {
            "subscript": probes.subscript, "contents": reads.contents, "truth": reads.truth, "contained": contained,
            "steps": reads.steps, "advance": reads.advance, "called": recorded, "watched": library.watched,
            "local_used": reads.local_used,
        },
        (*reads.VIEWS, *reads.ORDERED_VIEWS, *reads.ITERATORS, types.GeneratorType, types.MappingProxyType),
    )  # fmt: skip
