"""`GOFER_DEBUG`: what the environment asks gofer to say of itself."""

from __future__ import annotations

import os


def settings() -> dict[str, str]:
    """Its `key=value` pairs; a key alone stands for `key=1`."""
    pairs = (part.partition("=") for part in os.environ.get("GOFER_DEBUG", "").split(","))
    return {key.strip(): value.strip() if equals else "1" for key, equals, value in pairs if key.strip()}


def asks_for(key: str) -> bool:
    """True if a key is there, and its value is neither 0 nor empty."""
    return settings().get(key, "0") not in ("", "0")
