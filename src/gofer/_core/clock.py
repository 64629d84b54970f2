"""The clock of the core: seconds of `time.monotonic`, read without a Python call when compiled."""

from time import monotonic

__all__ = ["monotonic"]
