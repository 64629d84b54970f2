"""CPython's own tests of the language and library pass instrumented exactly as they do without.

They come from the interpreter's own `test` package; what is not installed is skipped. The quick ones run always, all of
them with `GOFER_RACE_REAL_CODE=1`. Every difference must be in DIFFERENT, with its reason.
"""

from __future__ import annotations

import fnmatch
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gofer._core.sched import scheduler

pytestmark = pytest.mark.skipif(str(scheduler.__file__).endswith(".py"), reason="the detector needs the compiled core")
RUNNER = Path(__file__).with_name("real_code.py")
ALL = os.environ.get("GOFER_RACE_REAL_CODE", "") not in ("", "0")

QUICK = """
test_grammar test_generators test_class test_scope test_super test_with test_listcomps test_augassign
test_named_expressions test_keywordonlyarg test_positional_only_arg test_decorators test_unpack_ex test_patma
"""
MORE = """
test_dataclasses test_descr test_collections test_list test_dict test_set test_functools test_operator
test_coroutines test_exceptions test_traceback test_inspect test_enum test_typing test_contextlib
test_contextlib_async test_unpack test_bytes test_pickle test_copy test_weakref test_property test_format
test_fstring test_iter test_itertools test_enumerate test_slice test_sort test_tuple test_userdict test_userlist
test_defaultdict test_ordered_dict test_builtin test_global test_raise test_opcodes test_genexps test_setcomps
test_dictcomps test_metaclass test_funcattrs test_extcall test_dynamicclassattribute test_types test_typechecks
test_subclassinit test_yield_from test_syntax test_asyncgen test_heapq test_bisect test_array test_abc test_reprlib
test_pprint test_json test_random test_string_literals test_deque test_contextvars test_richcmp test_bool test_range
test_statistics test_textwrap test_shlex test_configparser test_argparse test_difflib test_graphlib test_fractions
test_compile test_symtable test_queue test_threading_local test_frame test_runpy test_import test_isinstance
test_call test_memoryview test_csv test_calendar test_datetime test_optparse test_getopt test_fnmatch test_fileinput
test_linecache test_tokenize test_struct test_weakset test_email test_http_cookies test_except_star test_string
test_type_params test_type_aliases test_type_annotations test_sys_settrace
"""

# What looks at the code itself, and not at what it does; by pattern of the test's name.
DIFFERENT = {
    **{
        f"test.test_sys_settrace.*.{name}": "traces the detector's own functions"
        for name in (
            "test_13_genexp",
            "test_20_async_for_loop",
            "test_early_exit_with",
            "test_if_false_in_with",
            "test_tracing_exception_raised_in_with",
            "test_correct_tracing_quickened_call_class_init",
        )
    },
    "test.test_sys_settrace.*.test_no_line_event_after_creating_generator": "below 3.13 a loop's line comes once more",
    "test.test_compile.*": "looks at the constants, instructions and line table of its own functions",
    "*.test_signature_bind_implicit_arg": "takes a code from among the constants of its own function",
    "test.test_import.*.test_foreign_code": "expects bytecode in the cache; instrumented code is not kept there",
    "*.TestModuleCLI.test_get_cli_details_for_source_package": "looks for importlib.import_module, which is wrapped",
    "*.test_type_lookup_mro_reference": "a key in a class's dict changes the class when it is compared once more",
    "*.test_vicious_descriptor_nonsense": "a key in an object's dict changes the class when it is compared once more",
}


def outcomes(mode: str, *modules: str) -> tuple[dict[str, str], dict[str, str]]:
    done = subprocess.run(
        [sys.executable, str(RUNNER), mode, *modules],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONWARNINGS": ""},
    )
    assert done.returncode == 0, f"{modules}: status {done.returncode}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}"
    found = json.loads(done.stdout.splitlines()[-1])
    return found["outcomes"], found["texts"]


def differences(modules: list[str]) -> list[str]:
    plain, _ = outcomes("plain", *modules)
    watched, texts = outcomes("race", *modules)
    print(f"{len(plain)} tests of {len(modules)} modules")
    assert plain, f"no test in {modules}"
    return [
        f"{name}: {plain.get(name)}, with -race {watched.get(name)}\n{texts.get(name, '')}"
        for name in sorted(plain | watched)
        if plain.get(name) != watched.get(name) and not any(fnmatch.fnmatch(name, known) for known in DIFFERENT)
    ]


def installed(names: str) -> list[str]:
    pytest.importorskip("test.support", reason="this Python has no `test` package")
    return [f"test.{name}" for name in names.split() if importlib.util.find_spec(f"test.{name}") is not None]


@pytest.mark.timeout(600)
def test_of_the_language() -> None:
    modules = installed(QUICK)
    if not modules:
        pytest.skip("this Python has no tests installed")
    assert differences(modules) == []


@pytest.mark.skipif(not ALL, reason="takes minutes: GOFER_RACE_REAL_CODE=1")
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", MORE.split())
def test_of_more(name: str) -> None:
    modules = installed(name)
    if not modules:
        pytest.skip(f"this Python has no {name}")
    assert differences(modules) == []
