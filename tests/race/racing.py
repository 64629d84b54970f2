"""What the cases share: bodies that run unordered, as goroutines and as threads."""

import threading

from gofer import sync


class Box:
    def __init__(self):
        self.value = 0
        self.other = 0


failed = []


def attempt(body):
    """Runs a body; where bodies race, one may well find its container changed under it."""
    try:
        body()
    except (LookupError, RuntimeError, ValueError) as error:
        failed.append(error)


def both(*bodies):
    """Each body in a goroutine of its own; returns when all have ended."""
    group = sync.WaitGroup()
    for body in bodies:
        group.go(attempt, body)
    group.wait()


def together(*bodies):
    """Each body in a thread of its own; returns when all have ended."""
    threads = [threading.Thread(target=attempt, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def drain(iterable):
    for _ in iterable:
        pass
