"""`wait`: a goroutine waits for a `concurrent.futures.Future`."""

import asyncio
import threading
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import timedelta

import pytest

import gofer
from gofer import Chan, DeadlockError, go, runtime, wait
from gofer.sync import WaitGroup


def test_it_returns_and_raises_what_the_future_holds() -> None:
    def main() -> None:
        with ThreadPoolExecutor(1) as pool:
            assert wait(pool.submit(pow, 2, 10)) == 1024
            with pytest.raises(ZeroDivisionError):
                wait(pool.submit(divmod, 1, 0))
            done = pool.submit(int)
            done.result()
            assert wait(done) == wait(done, 0) == 0
            cancelled: Future[int] = Future()
            go(cancelled.cancel)
            with pytest.raises(CancelledError):
                wait(cancelled)

    gofer.run(main)


def test_goroutines_run_meanwhile() -> None:
    def main() -> int:
        future: Future[int] = Future()

        def complete() -> None:
            while runtime.goroutines()[0].wait_reason != "future":
                runtime.gosched()
            assert runtime.goroutines()[0].waiting_for is future
            future.set_result(5)

        go(complete)
        return wait(future)

    assert gofer.run(main) == 5


def test_many_wait_for_one() -> None:
    def main() -> list[int]:
        future: Future[int] = Future()
        got: list[int] = []
        group = WaitGroup()
        for _ in range(50):
            group.go(lambda: got.append(wait(future)))
        runtime.gosched()
        go(future.set_result, 3)
        group.wait()
        return got

    assert gofer.run(main) == [3] * 50


@pytest.mark.usefixtures("virtual_clock")
def test_a_timeout_leaves_nothing_behind() -> None:
    def main() -> int:
        future: Future[int] = Future()
        for timeout in (3600, 0.5, timedelta(hours=2), 0, -1):
            with pytest.raises(TimeoutError, match="not done within"):
                wait(future, timeout)
        assert future._done_callbacks == []  # type: ignore[attr-defined]
        go(future.set_result, 4)
        return wait(future, 3600)

    assert gofer.run(main) == 4


@pytest.mark.usefixtures("virtual_clock")
def test_a_late_completion_does_not_wake_the_next_wait() -> None:
    def main() -> int:
        first: Future[int] = Future()
        second: Future[int] = Future()
        with pytest.raises(TimeoutError):
            wait(first, 1)
        go(first.set_result, 1)
        gofer.time.after_func(5, second.set_result, 2)
        return wait(second)

    assert gofer.run(main) == 2


def test_an_interruption_leaves_no_waker() -> None:
    future: Future[int] = Future()

    def leave() -> None:
        raise SystemExit(3)

    def main() -> None:
        go(leave)
        with pytest.raises(SystemExit):
            wait(future)
        assert future._done_callbacks == []  # type: ignore[attr-defined]
        go(future.set_result, 1)
        with pytest.raises(DeadlockError):
            Chan().recv()

    gofer.run(main)


def test_a_pending_future_may_be_completed_by_somebody_unknown() -> None:
    import _thread  # its threads are not those that `threading` lists

    def main() -> str:
        future: Future[str] = Future()
        gate = _thread.allocate_lock()
        gate.acquire()

        def complete() -> None:
            gate.acquire()
            future.set_result("from nowhere")

        _thread.start_new_thread(complete, ())
        go(gate.release)
        return wait(future)

    assert gofer.run(main) == "from nowhere"


def test_outside_of_goroutines_it_blocks_the_thread() -> None:
    future: Future[int] = Future()
    got: list[object] = []
    asked = threading.Event()

    def body() -> None:
        with pytest.raises(TimeoutError):
            wait(future, 0)
        asked.set()
        got.append(wait(future))

    thread = threading.Thread(target=body)
    thread.start()
    asked.wait()
    future.set_result(6)
    thread.join()
    assert got == [6]


@pytest.mark.parametrize("wrong", [3, None, asyncio.sleep])
def test_what_is_no_future(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"a concurrent\.futures\.Future is needed"):
        wait(wrong)  # type: ignore[arg-type]


def test_wrong_timeouts() -> None:
    with pytest.raises(TypeError, match="a timeout is a number of seconds"):
        wait(Future(), "1")  # type: ignore[arg-type]


def test_futures_of_processes() -> None:
    def main() -> int:
        with ProcessPoolExecutor(1) as pool:
            futures = [pool.submit(pow, n, 2) for n in range(5)]
            group = WaitGroup()
            squares: list[int] = []
            for future in futures:
                group.go(lambda future=future: squares.append(wait(future)))
            group.wait()
        return sum(squares)

    assert gofer.run(main) == 30


@pytest.mark.parametrize("procs", [1, 2, 8])
def test_stress_with_timeouts(procs: int) -> None:
    before = runtime.gomaxprocs(procs)

    def main() -> int:
        futures: list[Future[int]] = [Future() for _ in range(300)]
        group = WaitGroup()
        total: Chan[int] = Chan(300)

        def waits(future: Future[int]) -> None:
            while True:
                try:
                    total.send(wait(future, 0.0005))
                    return
                except TimeoutError:
                    pass

        for future in futures:
            group.go(waits, future)
        thread = threading.Thread(target=lambda: [f.set_result(n) for n, f in enumerate(futures)])
        thread.start()
        group.wait()
        thread.join()
        return sum(total.recv() for _ in futures)

    try:
        assert gofer.run(main) == sum(range(300))
    finally:
        runtime.gomaxprocs(before)
