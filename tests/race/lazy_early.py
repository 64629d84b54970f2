"""A module that is executed when it is first used."""

from racing import Box

table = {}
total = 0
for name in "ab":
    table[name] = Box()
    total += 1


def add():
    global total
    total += 1
