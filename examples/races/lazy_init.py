"""Lazy initialisation: expect a race on `Service.config`, and none with the argument "fixed"."""

import sys

from gofer import sync


class Service:
    """Loads its configuration when it is first asked for it."""

    def __init__(self) -> None:
        self.config: dict[str, int] | None = None
        self.once = sync.Once()

    def load(self) -> None:
        self.config = {"port": 80}

    def racy(self) -> dict[str, int] | None:
        if self.config is None:  # both may see None, and one may see what is half made
            self.load()
        return self.config

    def fixed(self) -> dict[str, int] | None:
        self.once.do(self.load)
        return self.config


def main(fixed: bool) -> None:
    service, group = Service(), sync.WaitGroup()
    for _ in range(2):
        group.go(service.fixed if fixed else service.racy)
    group.wait()


main("fixed" in sys.argv)
