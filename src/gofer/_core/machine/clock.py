"""The clocks of the core, in seconds, read without a Python call when compiled: `time.monotonic`, and `wall`, which is
`time.time`.
"""

from time import monotonic
from time import time as wall

__all__ = ["monotonic", "wall"]
