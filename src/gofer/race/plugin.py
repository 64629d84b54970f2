"""The pytest plugin of `gofer test -race`: a test in which a race is found fails, the others do not.

A report is shown once, with the test that it belongs to. What is found outside of tests, while pytest collects them for
example, is shown at the end, and the run fails. With xdist the workers hand both on.
"""

from __future__ import annotations

import os
import sys
import unittest
from collections.abc import Generator
from typing import Any

import _pytest
import pluggy
import pytest
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from gofer import race
from gofer.race.reporting.report import chosen, hide, print_by


class Found:
    """The races of one run of pytest."""

    def __init__(self) -> None:
        self.known = 0
        self.in_tests = 0
        self.loose: list[str] = []

    def fresh(self) -> list[race.Report]:
        """Those of this process that were not asked for yet."""
        found = race.reports()[self.known :]
        self.known += len(found)
        return found

    def gather(self) -> None:
        """What is fresh belongs to no test."""
        self.loose += [report.text for report in self.fresh()]


FOUND = Found()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: Any) -> Generator[None, Any, None]:
    """What was found before the test and its fixtures is not theirs."""
    FOUND.gather()
    yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, None]:
    """Fails the part of a test in which races were found, with their reports; what failed anyway gets them as well."""
    outcome = yield
    found = FOUND.fresh()
    if not found:
        return
    report = outcome.get_result()
    report.races = len(found)
    expected = hasattr(report, "wasxfail")
    if report.failed or (expected and report.skipped):
        report.sections.append(("data races", "".join(each.text for each in found)))
    else:
        report.outcome = "skipped" if expected else "failed"
        report.longrepr = represented(found)


def represented(found: list[race.Report]) -> ReprExceptionInfo:
    """Reports as pytest shows a failure: whole, and for its summary their first words with what is most needed."""
    now = found[0].accesses[0]
    _, file, line = now.stack[0] if now.stack else ("", "", 0)
    message = f"WARNING: DATA RACE: {now.kind} of {found[0].location}"
    lines = "".join(each.text for each in found).splitlines(keepends=True)
    return ReprExceptionInfo(
        ReprTraceback([ReprEntryNative(lines)], None, style="native"), ReprFileLocation(file, line, message)
    )


def pytest_runtest_logreport(report: Any) -> None:
    """Counts."""
    FOUND.in_tests += getattr(report, "races", 0)


def pytest_sessionfinish(session: Any) -> None:
    """Races outside of tests fail the run."""
    FOUND.gather()
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["gofer_races"] = FOUND.loose
    elif FOUND.loose and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """What one of xdist's workers has found outside of tests."""
    FOUND.loose += getattr(node, "workeroutput", {}).get("gofer_races", [])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What belongs to no test, and the count, as `gofer run -race` has it."""
    for text in FOUND.loose:
        terminalreporter.write(text)
    if FOUND.in_tests + len(FOUND.loose):
        terminalreporter.write_line(f"Found {FOUND.in_tests + len(FOUND.loose)} data race(s)")


def pytest_addoption(parser: Any) -> None:
    """The options of `gofer run`."""
    parser.addoption("--race-include", action="append", default=[], metavar="PATTERN", help="Watch these modules too.")
    parser.addoption("--race-atomic-builtins", action="store_true", help="Operations documented as atomic do not race.")


def pytest_load_initial_conftests(early_config: Any) -> None:
    """Turns the detector on before any conftest or test module is imported.

    Test modules are compiled with probes in place of pytest's rewriting of assertions.
    """
    early_config.known_args_namespace.assertmode = "plain"
    turn_on(early_config.known_args_namespace, early_config)


def pytest_configure(config: Any) -> None:
    """Turns the detector on where it is not yet, and keeps pytest from rewriting what has probes."""
    config.option.assertmode = "plain"
    turn_on(config.option, config)


def turn_on(given: Any, config: Any) -> None:
    """The detector is on, and its reports end where pytest begins."""
    try:
        race.enable(given.race_include, atomic_builtins=given.race_atomic_builtins)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    packages = [_pytest, pluggy, unittest, *(sys.modules[name] for name in ("xdist", "execnet") if name in sys.modules)]
    hide(*(os.path.dirname(str(package.__file__)) + os.sep for package in packages), pytest.__file__)
    print_by(lambda text: last_words(config, text))


def last_words(config: Any, text: str) -> None:
    """A report is shown by pytest, unless the process ends before."""
    if chosen().halt_on_error and sys.__stderr__ is not None:
        capture = config.pluginmanager.getplugin("capturemanager")
        if capture is not None:
            capture.suspend_global_capture(in_=True)
        sys.__stderr__.write(text)
        sys.__stderr__.flush()
