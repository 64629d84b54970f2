"""Threads and no goroutine: expect a race on the list, and none with the argument "fixed"."""

import sys
import threading

lines: list[str] = []
lock = threading.Lock()


def racy(name: str) -> None:
    lines.append(name)  # each append is atomic, their order is not determined


def fixed(name: str) -> None:
    with lock:
        lines.append(name)


threads = [threading.Thread(target=fixed if "fixed" in sys.argv else racy, args=(name,)) for name in ("a", "b")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(lines))
