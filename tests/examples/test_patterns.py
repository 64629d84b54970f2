"""The patterns do what their headers say."""

from tests import programs


def test_processes_compute_and_goroutines_wait() -> None:
    done = programs.run(str(programs.ROOT / "examples" / "patterns" / "processes.py"))
    assert (done.status, done.out) == (0, "sum of squares: 140\n"), done.err
