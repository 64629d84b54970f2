"""Graceful shutdown: SIGTERM (or Ctrl-C) stops new work, what has begun is finished, and then the program ends.

Expect `ready` once three jobs have begun, and after `kill PID` (this example does it itself, unless given an argument)
`stopping: terminated signal received`, `jobs begun and finished: equal` and status 0.
"""

import os
import sys
from signal import SIGINT, SIGTERM

from gofer import context, recv, select
from gofer.context import Context
from gofer.signal import notify_context
from gofer.sync import Mutex, WaitGroup
from gofer.time import Ticker, sleep

begun: list[int] = []
finished: list[int] = []
lock = Mutex()


def job(n: int) -> None:
    sleep(0.005)
    with lock:
        finished.append(n)


def serve(ctx: Context) -> None:
    jobs = WaitGroup()
    ticker = Ticker(0.001)
    while select(recv(ticker.c), recv(ctx.done())).index == 0:
        begun.append(len(begun))
        jobs.go(job, begun[-1])
        if len(begun) == 3:
            print("ready", flush=True)
            if len(sys.argv) == 1:
                os.kill(os.getpid(), SIGTERM)
    ticker.stop()
    print("stopping:", context.cause(ctx))
    jobs.wait()


with notify_context(context.background(), SIGINT, SIGTERM) as ctx:
    serve(ctx)
print("jobs begun and finished:", "equal" if sorted(finished) == begun else "not equal")
