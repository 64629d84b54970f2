"""What must happen besides while goroutines keep a worker busy: timers, and whatever the interpreter has to do."""

from __future__ import annotations

import gc
import threading
from collections import deque
from itertools import repeat

import pytest

import gofer
from gofer import Chan, ClosedChannelError, go, runtime, time


def test_timers_fire_among_goroutines_that_never_wait() -> None:
    def main() -> None:
        ended: list[None] = []

        def again() -> None:
            if not ended:
                go(again)

        go(again)
        time.sleep(0.001)
        ended.append(None)

    gofer.run(main)


@pytest.mark.parametrize("before", [0, 1])
def test_timers_fire_whatever_the_rhythm(before: int) -> None:
    """Two goroutines are picked in each turn of the loop, so a look at every 64th alone might never come."""

    def main() -> None:
        fired: list[int] = []
        time.after_func(0.001, fired.append, 1)
        for _ in range(before):
            go(int)
        while not fired:
            go(int)
            runtime.gosched()

    gofer.run(main)


def test_other_threads_run_while_no_goroutine_runs_python_code() -> None:
    def main() -> None:
        ch: Chan[int] = Chan()

        def produce() -> None:
            with pytest.raises(ClosedChannelError):
                deque(map(ch.send, repeat(1)), maxlen=0)

        def interfere() -> None:
            gc.collect()  # without a GIL it stops all threads first
            ch.close()

        threading.Thread(target=interfere).start()
        go(produce)
        deque(ch, maxlen=0)

    gofer.run(main)
