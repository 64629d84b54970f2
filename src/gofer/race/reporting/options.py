"""The variable GORACE: Go's keys, and what may be said for each."""

from __future__ import annotations

import dataclasses
import shlex
from dataclasses import dataclass

LARGEST = {"exitcode": 255, "history_size": 7, "atexit_sleep_ms": 10**9}


@dataclass(frozen=True)
class Options:
    """What GORACE says, or what holds where it says nothing."""

    log_path: str = "stderr"
    exitcode: int = 66
    strip_path_prefix: str = ""
    halt_on_error: bool = False
    atexit_sleep_ms: int = 0
    history_size: int = 1
    verbose: bool = False


KINDS = {field.name: type(field.default) for field in dataclasses.fields(Options)}


def read(text: str) -> Options:
    """The options in `key=value` parts with spaces between; ValueError names the part that is wrong, and the remedy."""
    given: dict[str, object] = {}
    try:
        parts = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"GORACE: {error} in {text!r}") from None
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals:
            raise ValueError(f"GORACE: {part!r} is not of the form key=value")
        if key not in KINDS:
            raise ValueError(f"GORACE: there is no key {key!r}; the keys are {', '.join(KINDS)}")
        given[key] = value_of(key, value)
    return Options(**given)  # type: ignore[arg-type]


def value_of(key: str, value: str) -> object:
    """The value of a key."""
    if KINDS[key] is bool:
        if value not in ("0", "1"):
            raise ValueError(f"GORACE: {key} is 0 or 1, not {value!r}")
        return value == "1"
    if KINDS[key] is int:
        if not (value.isascii() and value.isdigit() and int(value) <= LARGEST[key]):
            raise ValueError(f"GORACE: {key} is a whole number from 0 to {LARGEST[key]}, not {value!r}")
        return int(value)
    if key == "log_path" and not value:
        raise ValueError("GORACE: log_path needs a path, stdout or stderr")
    return value
