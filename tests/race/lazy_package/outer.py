"""A module of a package, executed when it is first used."""

from racing import Box

made = Box()
made.value = 5
