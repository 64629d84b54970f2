"""An unprotected global dict: expect a race on its structure, and none with the argument "fixed"."""

import sys

from gofer import sync

services: dict[str, str] = {}
safe_services: sync.Map[str, str] = sync.Map()


def register_racy(name: str) -> None:
    services[name] = f"{name}.example.org"  # inserts a key while the other one does


def register_fixed(name: str) -> None:
    safe_services.store(name, f"{name}.example.org")


def main(fixed: bool) -> None:
    group = sync.WaitGroup()
    for name in ("mail", "web"):
        group.go(register_fixed if fixed else register_racy, name)
    group.wait()


main("fixed" in sys.argv)
