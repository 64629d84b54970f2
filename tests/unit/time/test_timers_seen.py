"""Timers that are due are seen: by who polls, whoever else runs, and from every thread; and the program goes on."""

from __future__ import annotations

import textwrap
import threading

import pytest

import gofer
from gofer import DEFAULT, Chan, DeadlockError, go, recv, runtime, select, time
from gofer._core.sched import preempt, scheduler
from gofer._core.sched.timers import TIMERS
from tests import programs

UNCOMPILED = str(scheduler.__file__).endswith(".py")


def output(text: str, **environment: str) -> str:
    """What a program prints, run by plain Python to its end."""
    done = programs.run("-c", textwrap.dedent(text), **environment)
    assert done.status == 0, done.err
    return done.out.strip()


POLLS = {
    "a channel": "while select(recv(timer), default=True).index != 0: pass",
    "a deadline": "while ctx.err() is None: pass",
    "a parent's deadline": "while below.err() is None: pass",
    "a cause": "while context.cause(below) is None: pass",
    "a done channel": "while select(recv(done), default=True).index != 0: pass",
    "a done channel among others": "while select(recv(Chan()), recv(done), default=True).index != 1: pass",
}


@pytest.mark.parametrize("preempts", ["0", "1"])
@pytest.mark.parametrize("polled", POLLS)
def test_the_only_goroutine_polls(polled: str, preempts: str) -> None:
    text = f"""
        from gofer import Chan, context, recv, select, time
        timer = time.after(0.01)
        ctx = context.with_timeout(context.background(), 0.01)
        below = context.with_value(context.with_cancel(ctx), "k", 1)
        done = below.done()
        {POLLS[polled]}
        print("seen")
    """
    assert output(text, GOFER_PREEMPT=preempts) == "seen"


COMPUTES = {
    "a function": "while not called: pass",
    "a buffer": "while not len(ch): pass",
    "a mutex": "while not mutex.try_lock(): pass",
    "a number": "while not number.load(): pass",
    "a closed channel": "while not ctx.done().chan.closed: pass",
    "a closed channel, inside a lock": "with threading.Lock():\n    while not ctx.done().chan.closed: pass",
}


@pytest.mark.skipif(not preempt.is_on(), reason="needs preemption")
@pytest.mark.parametrize("computed", COMPUTES)
def test_the_only_goroutine_computes(computed: str) -> None:
    text = """
        import threading
        from gofer import Chan, atomic, context, sync, time
        called, ch, mutex, number = [], Chan(1), sync.Mutex(), atomic.Int64()
        mutex.lock()
        ctx = context.with_timeout(context.background(), 0.01)
        timers = [
            time.after_func(0.01, called.append, None),
            time.after_func(0.01, ch.send, None),
            time.after_func(0.01, mutex.unlock),
            time.after_func(0.01, number.store, 1),
        ]
    """
    assert output(f"{textwrap.dedent(text)}\n{COMPUTES[computed]}\nprint('seen')") == "seen"


WAITS = {
    "sleep": "time.sleep(0.01)",
    "a timer": "time.Timer(0.01).c.recv()",
    "a ticker": "[ticker.c.recv() for _ in range(3)]",
    "a select": "select(recv(time.after(0.01)), recv(Chan()))",
    "a timer of main's": "mains.c.recv()",
    "a deadline": "context.with_timeout(context.background(), 0.01).done().recv()",
    "a function": "ran = Chan(); time.after_func(0.01, ran.close); ran.recv()",
    "a function that is reset": "ran = Chan(); time.after_func(3600, ran.close).reset(0.01); ran.recv()",
    "after_func": "ran = Chan(); context.after_func(context.with_timeout(BG, 0.01), ran.close); ran.recv()",
}
MAIN = {
    "has never used gofer": "thread.join()",
    "has used gofer": "runtime.gosched(); thread.join()",
    "computes": "runtime.gosched()\nwhile thread.is_alive(): pass",
    "is in an asyncio loop": "asyncio.run(outlast(thread))",
    "is a goroutine in an asyncio loop": "runtime.gosched(); asyncio.run(outlast(thread))",
}


@pytest.mark.parametrize("main", MAIN)
@pytest.mark.parametrize("waits", WAITS)
def test_a_foreign_thread_waits(waits: str, main: str) -> None:
    if "main's" in waits and "never" in main:
        pytest.skip("then there is none")
    text = f"""
        import asyncio, threading
        from gofer import Chan, context, recv, runtime, select, time
        BG = context.background()

        async def outlast(thread):
            while thread.is_alive():
                await asyncio.sleep(0.001)

        def wait():
            ticker = time.Ticker(0.01)
            {WAITS[waits]}
            print("woken", flush=True)

        {"mains = time.Timer(0.01)" if "main's" in waits else ""}
        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
    """
    assert output(f"{textwrap.dedent(text)}\n{MAIN[main]}") == "woken"


LOOP = {
    "a timer": "await aio.recv(time.after(0.01))",
    "a ticker": "ticker = time.Ticker(0.01); [await aio.recv(ticker.c) for _ in range(3)]",
    "a deadline": "await aio.recv(context.with_timeout(context.background(), 0.01).done())",
    "a function": "ch = Chan(1); time.after_func(0.01, ch.send, 1); await aio.recv(ch)",
    "a function, elsewhere": "ch = Chan(1); time.after_func(0.01, ch.send, 1)\n    while not len(ch): await sleep(0)",
    "a deadline of before": "await aio.recv(early.done())",
    "a timer of before": "await aio.recv(early_timer.c)",
}


@pytest.mark.parametrize("main", ["", "runtime.gosched()"])
@pytest.mark.parametrize("awaited", LOOP)
def test_a_coroutine_awaits(awaited: str, main: str) -> None:
    text = f"""
import asyncio
from asyncio import sleep
from gofer import Chan, aio, context, runtime, time
{main}
early = context.with_timeout(context.background(), 0.01)
early_timer = time.Timer(0.01)

async def main():
    {LOOP[awaited]}
    print("seen")

asyncio.run(main())
"""
    assert output(text) == "seen"


STORMS = {
    "nobody waits": "",
    "each is waited for": "for ticker in tickers: go(follow, ticker.c)",
    "functions that start themselves again": "for _ in range(1000): again()",
}


@pytest.mark.parametrize("storm", STORMS)
def test_more_ticks_than_can_be_delivered(storm: str) -> None:
    """Tickers by the thousand, and some whose period the clock cannot tell from none."""
    text = f"""
        from gofer import go, runtime, time

        def follow(c):
            for _ in c:
                runtime.gosched()

        def again():
            timer = time.after_func(0, lambda: timer.reset(0))

        tickers = [time.Ticker(0.001) for _ in range(3000)]
        tickers += [time.Ticker(period) for period in (1e-9, 1e-12, 1e-300, 5e-324)]
        {STORMS[storm]}
        time.sleep(0.1)
        print("over")
    """
    assert output(text) == "over"


def test_a_storm_does_not_keep_ctrl_c_out() -> None:
    text = """
        import os, signal, threading
        from gofer import time

        ticker = time.Ticker(1e-9)
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        try:
            for _ in ticker.c:
                pass
        except KeyboardInterrupt:
            print("interrupted")
    """
    assert output(text) == "interrupted"


def test_a_child_of_a_fork_sees_the_timers_of_its_parent_that_it_receives_from() -> None:
    text = """
        import os
        from gofer import context, go, runtime, time

        timer, ticker = time.Timer(0.01), time.Ticker(0.01)
        go(time.sleep, 3600)
        runtime.gosched()
        child = os.fork()
        if not child:
            timer.c.recv(), ticker.c.recv(), time.sleep(0.01)
            context.with_timeout(context.background(), 0.01).done().recv()
            os._exit(7)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    """
    assert output(text) == "7"


def test_the_end_of_a_run_stops_what_was_started_in_it_and_nothing_else() -> None:
    text = """
        import threading
        import gofer
        from gofer import Chan, DeadlockError, context, time

        background = context.background()
        early, timer, woken = context.with_timeout(background, 0.3), time.Timer(0.3), Chan(3)

        def thread():
            ended = lambda d: context.with_timeout(background, d).done().recv()
            for wait in time.sleep, lambda d: time.Timer(d).c.recv(), ended:
                threading.Thread(target=lambda wait=wait: woken.send(wait(0.3)), daemon=True).start()

        def first():
            time.after_func(3600, print, "never")
            context.with_timeout(background, 3600)
            gofer.go(time.sleep, 3600)
            gofer.go(time.Timer(3600).c.recv)
            thread()
            time.sleep(0.01)

        gofer.run(first)
        early.done().recv(), timer.c.recv()
        for _ in range(3):
            woken.recv()
        try:
            gofer.run(Chan().recv)
        except DeadlockError:
            print(type(early.err()).__name__)
    """
    assert output(text) == "DeadlineExceeded"


@pytest.mark.usefixtures("virtual_clock")
def test_an_interrupted_wait_leaves_nothing_that_could_wake_somebody() -> None:
    waits = (
        lambda: time.sleep(3600),
        lambda: time.Timer(3600).c.recv(),
        lambda: select(recv(time.after(3600)), recv(time.tick(3600)), recv(Chan())),
        lambda: [None for _ in time.Ticker(3600).c],
    )

    def main() -> None:
        before = len(TIMERS.started())
        g = scheduler.current()
        for wait in waits:
            go(scheduler.interrupt, g, KeyboardInterrupt())
            with pytest.raises(KeyboardInterrupt):
                wait()
            assert len(TIMERS.started()) == before
        with pytest.raises(DeadlockError):
            Chan().recv()

    gofer.run(main)


@pytest.mark.usefixtures("virtual_clock")
def test_a_sleep_that_was_interrupted_ends_no_later_wait() -> None:
    """Another worker has taken its timer out, and fires it only then."""

    def main() -> int:
        ch: Chan[int] = Chan()
        g = scheduler.current()

        def fire_late() -> None:
            timer = TIMERS.take_due(float("inf"))
            assert timer is not None
            scheduler.interrupt(g, KeyboardInterrupt())
            runtime.gosched()
            timer.fire(TIMERS.now())
            for _ in range(3):
                runtime.gosched()
            ch.send(5)

        go(fire_late)
        with pytest.raises(KeyboardInterrupt):
            time.sleep(3600)
        return ch.recv()

    assert gofer.run(main) == 5


@pytest.mark.usefixtures("virtual_clock")
def test_a_timer_that_was_taken_out_before_a_reset_or_stop_does_not_deliver() -> None:
    """Another worker does so, and fires it only then: who waits is served by the new start alone."""

    def main() -> list[float]:
        timer, ticker = time.Timer(10), time.Ticker(10)
        began = TIMERS.now()
        moments: list[float] = []

        def wait(ch: gofer.RecvChan[float]) -> None:
            ch.recv()
            moments.append(TIMERS.now() - began)

        assert timer.c is not None
        go(wait, timer.c)
        go(wait, ticker.c)
        runtime.gosched()
        late = [TIMERS.take_due(float("inf")) for _ in range(2)]
        timer.reset(20)
        ticker.reset(30)
        for each in late:
            assert each is not None
            each.fire(began + 10)
        assert timer.reset(25)
        time.sleep(100)
        return moments

    assert gofer.run(main) == [pytest.approx(25), pytest.approx(30)]


@pytest.mark.usefixtures("virtual_clock")
def test_a_function_whose_timer_was_taken_out_before_a_reset_runs_twice() -> None:
    """It has fired: `reset` says so, and starts it anew."""

    def main() -> list[str]:
        called: list[str] = []
        timer = time.after_func(10, called.append, "called")
        late = TIMERS.take_due(float("inf"))
        assert late is not None
        assert not timer.reset(20)
        late.fire(TIMERS.now())
        time.sleep(100)
        assert not timer.stop()
        return called

    assert gofer.run(main) == ["called", "called"]


def test_threads_that_ask_for_a_channel_get_the_same_one() -> None:
    count, wrong = 4, []
    barrier = threading.Barrier(count)
    made: list[time.Timer | time.Ticker] = [time.Ticker(3600)]
    seen: list[list[object]] = [[] for _ in range(count)]

    def ask(n: int) -> None:
        for turn in range(300):
            barrier.wait()
            seen[n] = [made[0].c for _ in range(3)]
            if not barrier.wait():
                wrong.extend(found for each in seen for found in each if found is not seen[0][0])
                made[0] = time.Timer(3600) if turn % 2 else time.Ticker(3600)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.usefixtures("virtual_clock")
def test_a_poll_leaves_what_is_due_to_who_waits_for_it() -> None:
    def main() -> tuple[int, bool]:
        timer, got = time.after(5), Chan[float](1)
        go(lambda: got.send(timer.recv()))
        runtime.gosched()
        TIMERS.elapse(6.0)
        found = select(recv(timer), default=True).index
        time.sleep(1)
        return found, len(got) == 1

    assert gofer.run(main) == (DEFAULT, True)
