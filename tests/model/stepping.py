"""What the models share: one worker, so that `settle` runs every goroutine until it waits or has ended."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine

from gofer import runtime

SETTINGS = settings(
    max_examples=60, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


class OneWorker(RuleBasedStateMachine):
    """A state machine whose goroutines all run on the main thread's worker."""

    def __init__(self) -> None:
        super().__init__()
        self.procs = runtime.gomaxprocs(1)

    def teardown(self) -> None:
        runtime.gomaxprocs(self.procs)


def settle(turns: int = 3) -> None:
    """Lets what is runnable run: a goroutine that is woken by another one needs a second turn, and so on."""
    for _ in range(turns):
        runtime.gosched()
