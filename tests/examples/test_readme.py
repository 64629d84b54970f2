"""The README's example does what its comments say."""

from __future__ import annotations

from tests import programs


def test_the_example_of_the_readme_runs() -> None:
    readme = (programs.ROOT / "README.md").read_text()
    done = programs.run_text(readme.split("```python\n")[1].split("```")[0])
    assert (done.status, done.err) == (0, "")
    assert done.out == "[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]\ntimed out\n"
