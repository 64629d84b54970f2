"""What the detector needs from the interpreter: stacks, cells, globals, and shadows that die with their object.

Compiled only: the functions of C are declared in the .pxd.
"""

# mypy: disable-error-code="name-defined,no-any-return"
# ruff: noqa: F821

from __future__ import annotations

from typing import Any


class Plain:
    """A class like any other; its deallocation tells plain classes from built-in types."""


def capture() -> Any:
    """The running stack as (code, last instruction, ...), innermost first."""
    return race_capture()


def cell_of(name: Any) -> Any:
    """The cell of a captured variable of the running frame, or None."""
    at = race_frame_cell(name)
    return as_object(at) if at else None


def running_globals() -> Any:
    """The globals of the running frame."""
    return as_object(race_frame_globals())


def find(target: Any) -> Any:
    """The shadow of an object, or None."""
    race_map_lock(address(target))
    at = race_map_find(address(target))
    found = as_object(at) if at else None
    race_map_unlock(address(target))
    return found


def put(target: Any, shadow: Any) -> bool:
    """Gives an object that has none a shadow; false when its death could not be seen."""
    if not race_watch(target):
        return False
    race_map_lock(address(target))
    race_map_set(address(target), shadow)
    race_map_unlock(address(target))
    return True


def type_has(kind: Any, name: Any) -> bool:
    """Whether the class, or one that it inherits from, has the attribute."""
    at = _PyType_Lookup(kind, name)
    return True if at else False  # noqa: SIM210 (a pointer)


def dict_of(target: Any) -> Any:
    """The instance dictionary; an empty one where there is none."""
    at = PyObject_GenericGetDict(target, nothing())
    if not at:
        PyErr_Clear()
        return {}
    return owned(at)


def shadows() -> int:
    """How many objects have a shadow."""
    return race_map_count()


race_watch_start(Plain)
