"""A module whose imports are lazy because `__lazy_modules__` says so."""

__lazy_modules__ = ["lazy_third", "lazy_package.listed"]

import lazy_third
from lazy_package import listed


def look():
    return lazy_third.made.value, listed.made.value
