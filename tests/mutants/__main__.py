"""Whether the tests notice: changes the core in small ways, uncompiled, and runs the tests of the changed module.

    python -m tests.mutants [--sample N] [--seed N] [--jobs N] [--least PERCENT] [--all-tests] [MODULE ...]

A mutant that a test fails for, or that runs far longer than the tests do, is noticed. What is not is printed, and the
status is 1 where fewer than that percentage are noticed. Equivalent mutants, which no test can notice, are listed in
`equivalent.txt` with the reason, and are not tried.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests import processes, programs
from tests.mutants import operators
from tests.mutants.operators import Mutant
from tests.mutants.tests_of import TESTS

CORE = Path("gofer", "_core")
MEMORY = 6 << 30
OPTIONS = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--tb=no", "--timeout=0", "--hypothesis-seed=1")


class Copy:
    """A copy of the sources, of which one module is changed at a time."""

    def __init__(self, folder: Path) -> None:
        self.sources = folder / "src"
        shutil.copytree(programs.ROOT / "src", self.sources, ignore=shutil.ignore_patterns("*.so", "__pycache__"))

    def passes(self, module: str, text: str, limit: float) -> bool:
        """Whether the module's tests pass with that text."""
        path = self.sources / place(module)
        original = path.read_text()
        path.write_text(text)
        try:
            return run(self.sources, TESTS[module], limit) == 0
        finally:
            path.write_text(original)


def run(sources: Path, tests: list[str], limit: float) -> int:
    """The status of the tests with those sources; nothing that they start is left after it."""
    mark = f"mutant:{os.urandom(8).hex()}"
    environment = os.environ | {
        "PYTHONPATH": str(sources),
        "PYTHONDONTWRITEBYTECODE": "1",
        processes.VARIABLE: f"{os.environ.get(processes.VARIABLE, '')} {mark}",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *OPTIONS, *tests],
        cwd=programs.ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        return -signal.SIGKILL
    finally:
        process.kill()
        process.wait()
        processes.end_all(mark)


def place(module: str) -> Path:
    """Where a module of the core is, below the sources."""
    sources = programs.ROOT / "src"
    (path,) = (sources / CORE).rglob(f"{module}.py")
    return path.relative_to(sources)


def source(module: str) -> str:
    return (programs.ROOT / "src" / place(module)).read_text()


def equivalent() -> set[str]:
    """What no test can notice: lines of `KEY`, each after a comment that says why."""
    lines = Path(__file__).with_name("equivalent.txt").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def chosen(modules: list[str], sample: int, seed: int) -> list[Mutant]:
    """The mutants of those modules, or so many of them; the same for the same seed."""
    left_out = equivalent()
    mutants = [m for module in modules for m in operators.of(module, source(module)) if m.key not in left_out]
    if not sample or sample >= len(mutants):
        return mutants
    return random.Random(seed).sample(mutants, sample)


def limits(modules: list[str], copy: Copy) -> dict[str, float]:
    """How long each module's tests may take: far longer than without any change, which they must pass."""
    found = {}
    for module in modules:
        began = time.monotonic()
        if not copy.passes(module, source(module), 1800):
            raise SystemExit(f"the tests of {module} fail without any change: {' '.join(TESTS[module])}")
        found[module] = 60 + 5 * (time.monotonic() - began)
    return found


def unnoticed(mutants: list[Mutant], folder: Path, jobs: int) -> Iterator[Mutant]:
    """The mutants that the tests pass."""
    copies: SimpleQueue[Copy] = SimpleQueue()
    for number in range(jobs):
        copies.put(Copy(folder / str(number)))
    first = copies.get()
    allowed = limits(sorted({mutant.module for mutant in mutants}), first)
    copies.put(first)

    def survives(mutant: Mutant) -> bool:
        copy = copies.get()
        try:
            return copy.passes(mutant.module, mutant.text, allowed[mutant.module])
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(jobs) as pool:
        for mutant, survived in zip(mutants, pool.map(survives, mutants), strict=True):
            if survived:
                yield mutant


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("modules", nargs="*", metavar="MODULE", help=f"of {' '.join(TESTS)}; else all of them")
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="as many of the mutants; else all")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="which ones")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="at a time")
    parser.add_argument("--least", type=float, default=90, metavar="PERCENT", help="to be noticed")
    parser.add_argument("--list", action="store_true", help="prints the mutants, and tries none")
    options = parser.parse_args()
    unknown = [module for module in options.modules if module not in TESTS]
    if unknown:
        parser.error(f"no module of the core whose tests are known: {' '.join(unknown)}")
    mutants = chosen(options.modules or list(TESTS), options.sample, options.seed)
    if options.list:
        print(*mutants, sep="\n")
        return 0
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        for mutant in unnoticed(mutants, Path(folder), options.jobs):
            survivors += 1
            print(f"not noticed: {mutant}", flush=True)
    noticed = len(mutants) - survivors
    percentage = 100 * noticed / max(len(mutants), 1)
    print(f"noticed {noticed} of {len(mutants)} mutants, {percentage:.0f} %")
    return percentage < options.least


if __name__ == "__main__":
    sys.exit(main())
