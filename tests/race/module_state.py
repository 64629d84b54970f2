"""A module with state, for the cases."""

LIMIT = 3
counter = 0
other = 0


def bump():
    global counter
    counter += 1


def read_other():
    return other


def read_injected():
    try:
        return injected
    except NameError:
        return None
