"""The pytest plugin of `gofer test -race`: a test in which a race is found fails, the others do not."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from gofer import race


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item: Any) -> Generator[None, Any, None]:
    """Fails the test with the reports of the races found while it ran."""
    before = len(race.reports())
    outcome = yield
    found = race.reports()[before:]
    if found and outcome.excinfo is None:
        outcome.force_exception(pytest.fail.Exception("".join(report.text for report in found), pytrace=False))


def pytest_load_initial_conftests(early_config: Any) -> None:
    """Turns the detector on before any conftest or test module is imported.

    Test modules are compiled with probes in place of pytest's rewriting of assertions.
    """
    early_config.known_args_namespace.assertmode = "plain"
    race.enable()


def pytest_configure(config: Any) -> None:
    """Turns the detector on where it is not yet, and keeps pytest from rewriting what has probes."""
    config.option.assertmode = "plain"
    race.enable()
