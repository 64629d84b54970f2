"""What the detector keeps of goroutines and objects that are gone: `python lifetime.py FUNCTION N`, one JSON line."""

import json
import resource
import sys

import gofer
from gofer import race, sync
from gofer.race.engine import detector


class Box:
    def __init__(self):
        self.value = 0
        self.items = []


def work(box, lock):
    box.value += 1
    box.items.append(box.value)
    with lock:
        box.value += 1


def one_after_another(n):
    """Goroutines of which each ends before the next one starts."""
    lock = sync.Mutex()
    for _ in range(n):
        group = sync.WaitGroup()
        group.go(work, Box(), lock)
        group.wait()


def in_groups(n):
    """Goroutines in groups of 100 that are live together."""
    lock = sync.Mutex()
    for _ in range(n // 100):
        group = sync.WaitGroup()
        for _ in range(100):
            group.go(work, Box(), lock)
        group.wait()


def live(n):
    """Goroutines that are all live at once, each of which has done something and waits."""
    lock, group, gate = sync.Mutex(), sync.WaitGroup(), gofer.Chan()

    def wait(box):
        work(box, lock)
        gate.recv()
        work(box, lock)

    for _ in range(n):
        group.go(wait, Box())
    for _ in range(n):
        gate.send(None)
    group.wait()


def objects(n):
    """Containers and objects that are used and dropped."""
    for i in range(n):
        box, table = Box(), {}
        box.items.append(i)
        table[i] = box.items[0]
        members = {i}
        members.add(table[i])


def main():
    function, n = globals()[sys.argv[1]], int(sys.argv[2])
    held = []
    for part in (n // 10, n - n // 10):
        function(part)
        held.append({**detector.counts(), "resident": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})
    print(json.dumps({"held": held, "races": len(race.reports())}))


if __name__ == "__main__":
    if not race.enabled():
        race.enable()
        exec(race.code_of(__file__), {"__name__": "__main__", "__file__": __file__})
    else:
        main()
