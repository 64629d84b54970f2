"""Bounded parallelism: checksums of a directory tree, four files at a time; the first error ends it all.

Give it a directory, or it takes this one. Expect a line `CHECKSUM  PATH` for each file, sorted by path.
"""

import hashlib
import sys
from pathlib import Path

from gofer import blocking
from gofer.errgroup import Group
from gofer.sync import Mutex

AT_ONCE = 4


def checksums(root: Path) -> dict[Path, str]:
    sums: dict[Path, str] = {}
    lock = Mutex()
    with Group() as group:
        group.set_limit(AT_ONCE)

        def add(path: Path) -> None:
            content = blocking(path.read_bytes)  # on a helper thread; the other goroutines go on
            checksum = hashlib.sha256(content).hexdigest()
            with lock:
                sums[path] = checksum

        for path in root.rglob("*"):
            if group.ctx.err() is not None:
                break  # a file could not be read: leaving the block raises why
            if path.is_file():
                group.go(add, path)
    return sums


def main() -> None:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for path, checksum in sorted(checksums(root).items()):
        print(f"{checksum[:12]}  {path.relative_to(root)}")


main()
