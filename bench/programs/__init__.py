"""One program a runtime; each runs the case it is told to and prints what it measured, see `protocol`."""
