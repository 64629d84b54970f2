"""The benchmark's own logic: what is run, how ratios and targets are worked out. No time is measured here."""

import math
import sys

import pytest
from bench import foundation, library, report
from bench.runner import ProgramError, measure, operations, run
from bench.suite import Case, Ratio, Runtime, Samples, Suite, Target

AGAINST_GO = Ratio("gofer", "go")
CASE = Case("pingpong", "ping-pong")
SAMPLES: Samples = {("pingpong", "gofer"): [330.0, 300.0], ("pingpong", "go"): [150.0, 180.0, 151.0]}


def program(code: str, name: str = "gofer", missing: str = "") -> Runtime:
    return Runtime(name, [sys.executable, "-c", code], missing=missing)


def suite_of(*runtimes: Runtime, limit: float = 2.0) -> Suite:
    return Suite("test", [CASE], runtimes, [AGAINST_GO], [Target("pingpong", AGAINST_GO, limit)], ["pingpong"], limit)


def test_ratio_is_of_minimums() -> None:
    assert AGAINST_GO.of("pingpong", SAMPLES) == 2.0
    assert AGAINST_GO.of("yield", SAMPLES) is None
    over = Ratio("gofer", "go", over="pingpong")
    assert over.of("yield", {**SAMPLES, ("yield", "gofer"): [450.0]}) == 3.0
    assert (str(over), str(AGAINST_GO)) == ("gofer/go pingpong", "gofer/go")


@pytest.mark.parametrize(
    ("target", "verdict"),
    [
        (Target("pingpong", AGAINST_GO, 2), "met"),
        (Target("pingpong", AGAINST_GO, 1.9), "missed"),
        (Target("pingpong", Ratio("go", "gofer"), 0.5, at_least=True), "met"),
        (Target("pingpong", Ratio("go", "gofer"), 0.6, at_least=True), "missed"),
        (Target("pingpong", "gofer", 300), "met"),
        (Target("pingpong", "gofer", 299), "missed"),
        (Target("pingpong", "gevent", 1), "not measured"),
    ],
)
def test_verdict(target: Target, verdict: str) -> None:
    assert target.verdict(SAMPLES) == verdict


def test_geometric_mean_needs_all_its_cases() -> None:
    samples: Samples = {("a", "gofer"): [1.0], ("a", "go"): [1.0], ("b", "gofer"): [4.0], ("b", "go"): [1.0]}
    whole = Suite("test", [], [], [AGAINST_GO], [], ["a", "b"])
    assert math.isclose(whole.mean(samples) or 0, 2.0)
    assert Suite("test", [], [], [AGAINST_GO], [], ["a", "c"]).mean(samples) is None


def test_text_has_figures_ratios_verdicts_and_what_is_missing() -> None:
    whole = suite_of(program(""), program("", "go"), program("", "gevent", missing="No module named 'gevent'"))
    text = report.text(whole, SAMPLES, [], 0.5)
    assert "300 / 315" in text
    assert "150 / 151" in text
    assert "2.00" in text
    assert "geometric mean" in text
    assert "missed" not in text
    assert "gevent is not measured: No module named 'gevent'" in text
    assert "missed" in report.text(suite_of(program(""), program("", "go"), limit=1.5), SAMPLES, [], 0.5)


def test_data_says_the_same() -> None:
    data = report.data(suite_of(program("")), SAMPLES, [], 0.5)
    assert data["cases"][0]["runtimes"]["gofer"] == {"minimum": 300.0, "median": 315.0, "samples": [330.0, 300.0]}
    assert data["targets"][0]["verdict"] == "met"


def test_operations() -> None:
    slow = Runtime("slow", [], divisor=10)
    assert operations(Case("a", "a", 100_000), slow, quick=False) == 10_000
    assert operations(Case("a", "a", 100_000), slow, quick=True) == 1_000
    assert operations(Case("a", "a", 100_000, exact=True), slow, quick=True) == 100_000
    assert operations(Case("a", "a", 10), slow, quick=False) == 10


def test_run_passes_the_case_and_reads_what_is_printed() -> None:
    code = "import sys, json; print(json.dumps({'case': sys.argv[1], 'value': int(sys.argv[2])}))"
    assert run(program(code), CASE, quick=False) == [("pingpong", 100_000.0)]


def test_run_reports_a_failure() -> None:
    with pytest.raises(ProgramError, match="status 1: no luck"):
        run(program("import sys; sys.exit('no luck')"), CASE, quick=False)


def test_measure_goes_on_after_a_failure_and_skips_what_is_missing() -> None:
    fine = program('print(\'{"case": "pingpong", "value": 7}\')')
    broken = program("import sys; sys.exit('no luck')", "go")
    missing = program("import sys; sys.exit('not to be run')", "gevent", missing="not installed")
    samples, failures = measure(suite_of(fine, broken, missing), 2, False, lambda _: None)
    assert samples == {("pingpong", "gofer"): [7.0, 7.0]}
    assert failures == ["go failed in pingpong: status 1: no luck"]
    assert failures[0] in report.text(suite_of(fine, broken), samples, failures, 0.5)


@pytest.mark.parametrize(
    ("code", "gist"),
    [
        ("raise ValueError('odd')", "ValueError: odd"),
        ("import sys; sys.exit('fatal error: x\\n\\nmore')", "fatal error: x"),
    ],
)
def test_failure_is_told_in_one_line(code: str, gist: str) -> None:
    with pytest.raises(ProgramError, match=f"^status 1: {gist}$"):
        run(program(code), CASE, quick=False)


def test_every_target_of_the_foundation_names_a_case_and_a_runtime() -> None:
    cases = {case.name for case in foundation.CASES + foundation.MILLION}
    assert set(foundation.AGAINST_GO) <= cases
    assert len(cases) == len(foundation.CASES + foundation.MILLION)


def test_every_target_of_the_library_names_cases_that_are_measured() -> None:
    whole = library.suite()
    cases = {case.name for case in whole.cases}
    for target in whole.targets:
        assert target.case in cases
        assert not isinstance(target.figure, Ratio) or not target.figure.over or target.figure.over in cases


@pytest.mark.parametrize("case", ["context-cancel", "errgroup-1000", "aio-handover", "aio-stream"])
def test_a_case_of_the_library_runs_on_both_sides(case: str) -> None:
    whole = library.suite()
    found = next(each for each in whole.cases if each.name == case)
    few = Case(case, case, 2000, exact=True, repeats=1, program=found.program)
    for runtime in whole.runtimes:
        measured = dict(run(runtime, few, quick=True))
        if runtime.name == "gofer":
            assert measured[case] > 0
        else:
            assert bool(measured) == (Ratio("gofer", "python") in {t.figure for t in whole.targets if t.case == case})
