"""The pytest plugin of `gofer test -race`: a test in which a race is found fails, the others do not."""

from __future__ import annotations

import os
import unittest
from collections.abc import Generator
from typing import Any

import _pytest
import pluggy
import pytest

from gofer import race
from gofer.race.reports import hide


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_protocol(item: Any) -> Generator[None, Any, None]:
    """Notes how many races were found before the test and its fixtures."""
    item.stash[BEFORE] = len(race.reports())
    yield


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Generator[None, Any, None]:
    """Fails the part of a test in which races were found, with their reports; what failed anyway gets them as well."""
    outcome = yield
    found = race.reports()[item.stash[BEFORE] :]
    item.stash[BEFORE] += len(found)
    if not found:
        return
    report = outcome.get_result()
    text = "".join(each.text for each in found)
    if report.passed:
        report.outcome = "failed"
        report.longrepr = text
    else:
        report.sections.append(("data races", text))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The count, as `gofer run -race` has it."""
    if race.reports():
        terminalreporter.write_line(f"Found {len(race.reports())} data race(s)")


def pytest_addoption(parser: Any) -> None:
    """The options of `gofer run`."""
    parser.addoption("--race-include", action="append", default=[], metavar="PATTERN", help="Watch these modules too.")
    parser.addoption("--race-atomic-builtins", action="store_true", help="Operations documented as atomic do not race.")


def pytest_load_initial_conftests(early_config: Any) -> None:
    """Turns the detector on before any conftest or test module is imported.

    Test modules are compiled with probes in place of pytest's rewriting of assertions.
    """
    early_config.known_args_namespace.assertmode = "plain"
    turn_on(early_config.known_args_namespace)


def pytest_configure(config: Any) -> None:
    """Turns the detector on where it is not yet, and keeps pytest from rewriting what has probes."""
    config.option.assertmode = "plain"
    turn_on(config.option)


BEFORE = pytest.StashKey[int]()


def turn_on(given: Any) -> None:
    """The detector is on, and its reports end where pytest begins."""
    try:
        race.enable(given.race_include, atomic_builtins=given.race_atomic_builtins)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    packages = (_pytest, pluggy, unittest)
    hide(*(os.path.dirname(str(package.__file__)) + os.sep for package in packages), pytest.__file__)
