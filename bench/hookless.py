"""gofer built without its hooks: what the core would cost if nothing could be attached to it.

The race detector attaches through `HOOKS`, at which each operation of the core looks. In a copy of the sources that
look is replaced by `False`, so the compiler leaves it out; the same programs run with both builds.
"""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from bench.runtimes import ROOT, python
from bench.suite import Runtime

SWITCH = "HOOKS.on"


def runtime(name: str, program: str, build: bool) -> Runtime:
    """The program on a gofer without hooks, which is built (minutes) unless a former run left it in the cache."""
    plain = python(name, program, "gofer")
    place, missing = built() if build else (ROOT, "--hookless builds it, which takes minutes")
    path = os.pathsep.join([str(place / "src"), plain.environment["PYTHONPATH"]])
    return Runtime(
        name, plain.command, plain.divisor, plain.missing or missing, plain.environment | {"PYTHONPATH": path}
    )


@functools.cache
def built() -> tuple[Path, str]:
    """Where the copy is, and why there is none."""
    sources = sorted(path for path in (ROOT / "src").rglob("*") if path.suffix in (".py", ".pxd", ".pyi", ".h"))
    content = b"".join(path.read_bytes() for path in [*sources, ROOT / "setup.py"])
    digest = hashlib.sha256(content + str(sysconfig.get_config_var("SOABI")).encode()).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gofer-bench"
    place = cache / f"hookless-{digest}"
    if not place.exists():
        half = cache / f"hookless-{digest}-{os.getpid()}"
        copied(sources, half)
        command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
        done = subprocess.run(command, cwd=half, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(half)
            return ROOT, f"the build failed: {(done.stderr.strip().splitlines() or ['no message'])[-1]}"
        half.rename(place)
    return place, ""


def copied(sources: list[Path], place: Path) -> None:
    """Copies the sources, the core without its looks at the switch."""
    found = 0
    for path in sources:
        to = place / path.relative_to(ROOT)
        to.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py" and "_core" in path.parts:
            found += text.count(f"if {SWITCH}")
            text = text.replace(f"if {SWITCH}", "if False")
        to.write_text(text, encoding="utf-8")
    if not found:
        sys.exit(f"bench: no core module looks at {SWITCH} any more: bench/hookless.py is to be brought up to date")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, place / name)
