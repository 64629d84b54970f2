"""Builds the compiled modules; everything else about the package is in pyproject.toml.

A module is compiled when an `X.pxd` lies beside its `X.py`. The exceptions are header-only: their `.pxd` is C for the
compiled modules that cimport it, their `.py` is what the same names mean uncompiled.

`GOFER_PURE=1` builds the package without compiling anything, `GOFER_CHECK=1` a core that checks its own rule for guards
(see `guard.py`), which is slower.
"""

import multiprocessing
import os
import sysconfig
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HEADER_ONLY = {
    *("bell", "bits", "borrow", "borrowed", "chance", "clock", "collector", "dicts", "entry"),
    *("guard", "noted", "owner", "reasons", "record", "ring", "spin", "stacks", "status", "switch", "tracing"),
}
SOURCES = Path("src")
CHECK = os.environ.get("GOFER_CHECK", "") not in ("", "0")
GENERATED = "build/cython"
JOBS = min(os.cpu_count() or 1, 8)
PURE = os.environ.get("GOFER_PURE", "") not in ("", "0")

DIRECTIVES = {
    "language_level": 3,
    "freethreading_compatible": True,
    "binding": False,
    "boundscheck": False,
    "wraparound": False,
    "initializedcheck": False,
}

# For all classes of a module: in a `.pxd` Cython ignores these.
CLASS_DIRECTIVES: dict[str, dict[str, object]] = {
    "chan": {"no_gc_clear": True, "trashcan": True},  # `ring` has what there is to be cleared
    "goroutine": {"freelist": 256, "no_gc": True},
    "select": {"freelist": 64},
    "waitqueue": {"freelist": 256, "no_gc": True},
}


def compiled_modules() -> list[Path]:
    """The `.py` files to compile, in a fixed order."""
    declared = sorted((SOURCES / "gofer").rglob("*.pxd"))
    modules = [path.with_suffix(".py") for path in declared if path.stem not in HEADER_ONLY]
    return [path for path in modules if path.exists() and path.stem != "__init__"]


def extension(path: Path, include: str) -> Extension:
    """The extension module of one `.py` file."""
    name = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
    flags = ["-O2", "-g0", "-fno-strict-aliasing", "-fexceptions", "-Wno-unused-function", "-Wno-unused-variable"]
    if CHECK:
        flags.append("-DGOFER_CHECK_GUARDS")
    headers = [str(header) for header in SOURCES.rglob("*.h")]
    includes = [include, "src/gofer/_core/machine", "src/gofer/race/engine"]
    return Extension(name, [str(path)], include_dirs=includes, extra_compile_args=flags, depends=headers)


def is_stale() -> bool:
    """Whether a `.pxd` is newer than what was translated with it: Cython does not look at those that a `.py` uses."""
    declared = max(path.stat().st_mtime for path in SOURCES.rglob("*.pxd"))
    translated = [path.stat().st_mtime for path in Path(GENERATED).rglob("*.c")]
    return bool(translated) and declared > min(translated)


def extensions() -> list[Extension]:
    """Every compiled module, translated to C under `build/`, never beside the sources."""
    if PURE or not compiled_modules():
        return []
    import greenlet
    from Cython.Build import cythonize
    from Cython.Compiler.Options import get_directive_defaults

    get_directive_defaults().update(
        freelist=0, no_gc=False, no_gc_clear=False, trashcan=None
    )  # else they are known in a `.pyx` only

    # Cython's pool would otherwise start its workers by importing this file again (the default from Python 3.14 on).
    multiprocessing.set_start_method("fork", force=True)
    include = os.path.dirname(greenlet.__file__)
    stale = is_stale()
    special = [path for path in compiled_modules() if path.stem in CLASS_DIRECTIVES]
    groups = [[path] for path in special] + [[path for path in compiled_modules() if path not in special]]
    translated: list[Extension] = []
    for group in groups:
        translated += cythonize(
            [extension(path, include) for path in group],
            include_path=[str(SOURCES)],
            build_dir=GENERATED,
            compiler_directives=DIRECTIVES | CLASS_DIRECTIVES.get(group[0].stem, {}),
            nthreads=JOBS,
            show_all_warnings=False,
            quiet=True,
            force=stale,
            emit_linenums=CHECK,  # both places are told by file and line
        )
    return translated


class ParallelBuild(build_ext):
    """`build_ext` that compiles as many modules at a time as there are processors, and objects of one Python apart."""

    def finalize_options(self) -> None:
        super().finalize_options()
        headers = [sysconfig.get_path("include"), sysconfig.get_path("platinclude")]
        if self.extensions and not any(os.path.exists(os.path.join(path, "Python.h")) for path in headers):
            raise SystemExit(
                "Python.h is missing: install this Python's headers (Debian: python3-dev), or GOFER_PURE=1"
            )
        self.parallel = self.parallel or JOBS
        # cache_tag does not tell the free-threaded build from the other one of its version; SOABI does.
        self.build_temp = os.path.join("build", "temp-" + str(sysconfig.get_config_var("SOABI")))


setup(ext_modules=extensions(), cmdclass={"build_ext": ParallelBuild})
