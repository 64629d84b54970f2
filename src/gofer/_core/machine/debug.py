"""`GOFER_DEBUG`: what the environment asks gofer to say of itself."""

from __future__ import annotations

import os


def settings() -> dict[str, str]:
    """Its `key=value` pairs."""
    pairs = (part.partition("=") for part in os.environ.get("GOFER_DEBUG", "").split(","))
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip()}


def asks_for(key: str) -> bool:
    """True if a key is there with another value than 0."""
    return settings().get(key, "0") not in ("", "0")
