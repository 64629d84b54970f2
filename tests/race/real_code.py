"""Runs unit tests of real code, instrumented or not: `python real_code.py {plain,race} MODULE...`.

Prints a JSON object: a test's name to its outcome. MODULE is imported, and its tests are found as `unittest` does.
"""

from __future__ import annotations

import io
import json
import sys
import unittest
from unittest.case import _SubTest as SubTest  # type: ignore[attr-defined]

OUTCOMES = ("success", "error", "failure", "skip", "expected failure", "unexpected success")


class Result(unittest.TestResult):
    """Keeps the outcome of each test, the worst of its parts."""

    def __init__(self) -> None:
        super().__init__()
        self.outcomes: dict[str, str] = {}
        self.texts: dict[str, str] = {}

    def note(self, test: unittest.TestCase, outcome: str, error: object = None) -> None:
        name = str((test.test_case if isinstance(test, SubTest) else test).id())
        if self.outcomes.get(name, "success") == "success":
            self.outcomes[name] = outcome
        if error is not None:
            self.texts[name] = self._exc_info_to_string(error, test)  # type: ignore[attr-defined]

    def addSuccess(self, test: unittest.TestCase) -> None:
        self.note(test, "success")

    def addError(self, test: unittest.TestCase, err: object) -> None:
        self.note(test, "error", err)

    def addFailure(self, test: unittest.TestCase, err: object) -> None:
        self.note(test, "failure", err)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        self.note(test, "skip")

    def addExpectedFailure(self, test: unittest.TestCase, err: object) -> None:
        self.note(test, "expected failure")

    def addUnexpectedSuccess(self, test: unittest.TestCase) -> None:
        self.note(test, "unexpected success")

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: object) -> None:
        if err is not None:
            self.note(test, "failure", err)


def main(mode: str, *modules: str) -> None:
    """Runs the tests of the modules and prints what came of them."""
    if mode == "race":
        from gofer import race

        race.enable(include=[name.partition(".")[0] + ".*" for name in modules])
    from test import support

    support.use_resources = []
    printed, sys.stdout = sys.stdout, io.StringIO()
    result = Result()
    for name in modules:
        __import__(name)
        unittest.defaultTestLoader.loadTestsFromName(name).run(result)
    sys.stdout = printed
    if mode == "race":
        from gofer.race.rewriting.loader import REWRITTEN

        files = [str(sys.modules[name].__file__) for name in modules]
        assert REWRITTEN.issuperset(file for file in files if not file.endswith("__init__.py")), files
        race.disable()
    print(json.dumps({"outcomes": result.outcomes, "texts": result.texts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
