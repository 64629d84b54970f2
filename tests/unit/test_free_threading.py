"""Importing gofer must not turn the GIL back on where there is none."""

from __future__ import annotations

import sysconfig

import pytest

from tests import programs

MODULES = "gofer, gofer.sync, gofer.time, gofer.runtime"


@pytest.mark.skipif(not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this interpreter always has a GIL")
def test_importing_gofer_leaves_the_gil_off() -> None:
    done = programs.run("-W", "error", "-c", f"import sys, {MODULES}; print(sys._is_gil_enabled())")
    assert (done.status, done.out) == (0, "False\n"), done.err
