"""Chance: numbers drawn quickly, a state a thread, for choices that no seed determines.

`chance.pxd` has what the compiled core uses, this module the same name for the uncompiled one. `random` took longer to
draw a number than a whole channel operation.
"""

__all__ = ["below"]


def below(n: int) -> int:
    """One of 0 to n-1, each as likely (n is below 2**32)."""
    import random  # brings hashlib, and compiled it is not needed

    return random.randrange(n)
