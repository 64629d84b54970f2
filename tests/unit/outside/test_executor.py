"""`Executor`: tasks are goroutines, futures park."""

import concurrent.futures
import contextvars
import threading
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, as_completed

import pytest

import gofer
from gofer import Chan, DeadlockError, Executor, go, runtime, wait
from tests import programs

name: contextvars.ContextVar[str] = contextvars.ContextVar("name", default="none")


def test_submit_and_result() -> None:
    def main() -> None:
        executor = Executor()
        here: Chan[int] = Chan()
        future = executor.submit(here.recv)
        assert not future.done()
        with pytest.raises(TimeoutError):
            future.result(0)
        here.send(5)
        assert (future.result(), future.exception(), wait(future)) == (5, None, 5)
        assert isinstance(executor.submit(divmod, 1, 0).exception(), ZeroDivisionError)
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 1, 0).result()
        assert executor.submit(runtime.goid).result() > 1

    gofer.run(main)


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(ValueError, match="limit must be at least 1, not 0"):
        Executor(0)
    with pytest.raises(TypeError, match="limit is a whole number or None, not str"):
        Executor("3")  # type: ignore[arg-type]
    executor = Executor()
    with pytest.raises(TypeError, match="3 is not callable"):
        executor.submit(3)  # type: ignore[arg-type]
    executor.shutdown()
    with pytest.raises(RuntimeError, match="cannot schedule new futures after shutdown"):
        executor.submit(int)


def test_the_limit_is_kept_and_tasks_begin_in_order() -> None:
    def main() -> tuple[int, list[int]]:
        inside = 0
        most = 0
        order: list[int] = []
        lock = gofer.sync.Mutex()

        def task(n: int) -> None:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
                order.append(n)
            for _ in range(3):
                runtime.gosched()
            with lock:
                inside -= 1

        with Executor(3) as executor:
            for n in range(40):
                executor.submit(task, n)
        return most, order

    before = runtime.gomaxprocs(1)
    try:
        most, order = gofer.run(main)
    finally:
        runtime.gomaxprocs(before)
    assert most == 3
    assert order == list(range(40))


def test_map_and_its_timeout() -> None:
    def main() -> None:
        with Executor(2) as executor:
            assert list(executor.map(pow, range(10), [2] * 10)) == [n * n for n in range(10)]
            never: Chan[int] = Chan()
            with pytest.raises(TimeoutError):
                list(executor.map(lambda ch: ch.recv(), [never, never, never], timeout=0.001))
            never.close()

    gofer.run(main)


def test_shutdown_cancels_what_has_not_begun() -> None:
    def main() -> None:
        executor = Executor(1)
        begun: Chan[None] = Chan()
        end: Chan[int] = Chan()
        first = executor.submit(lambda: (begun.send(None), end.recv())[1])
        rest = [executor.submit(int) for _ in range(5)]
        begun.recv()
        executor.shutdown(wait=False, cancel_futures=True)
        go(end.send, 3)
        executor.shutdown()
        assert first.result() == 3
        for future in rest:
            assert future.cancelled()
            with pytest.raises(CancelledError):
                future.result()

    gofer.run(main)


def test_wait_and_as_completed_park() -> None:
    def main() -> None:
        executor = Executor()
        gates: list[Chan[int]] = [Chan() for _ in range(4)]
        futures = [executor.submit(gate.recv) for gate in gates]
        go(gates[2].send, 2)
        done, pending = concurrent.futures.wait(futures, return_when=FIRST_COMPLETED)
        assert done == {futures[2]} and len(pending) == 3
        assert concurrent.futures.wait(futures, timeout=0.001).not_done == pending
        for n in (0, 1, 3):
            go(gates[n].send, n)
        assert sorted(future.result() for future in as_completed(futures)) == [0, 1, 2, 3]
        assert concurrent.futures.wait(futures).not_done == set()

    gofer.run(main)


def test_wait_for_futures_of_threads_and_goroutines_together() -> None:
    def main() -> None:
        gate = threading.Event()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            foreign = pool.submit(gate.wait)
            mine = Executor().submit(gate.set)
            done, _ = concurrent.futures.wait([foreign, mine])
            assert done == {foreign, mine}

    gofer.run(main)


def test_from_a_foreign_thread() -> None:
    results: list[object] = []

    def body() -> None:
        with Executor(2) as executor:
            future = executor.submit(pow, 2, 5)
            results.append(future.result(50))
            results.append(executor.submit(pow, 2, 6).result())
            results.append([f.result() for f in as_completed([executor.submit(int)], 50)])
            never: Chan[int] = Chan()
            late = executor.submit(never.recv)
            with pytest.raises(TimeoutError):
                late.result(0.001)
            assert concurrent.futures.wait([late], 0.001).done == set()
            never.close()

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    assert results == [32, 64, [0]]


def test_the_submitters_context_is_seen() -> None:
    def main() -> list[str]:
        with Executor(1) as executor:
            futures: list[Future[str]] = []
            for word in ("one", "two", "three"):
                name.set(word)
                futures.append(executor.submit(name.get))
            name.set("main")
            return [future.result() for future in futures]

    assert gofer.run(main) == ["one", "two", "three"]


def test_a_task_that_only_blocked_goroutines_could_end_is_a_deadlock() -> None:
    def main() -> None:
        Executor().submit(Chan().recv).result()

    with pytest.raises(DeadlockError) as caught:
        gofer.run(main)
    assert "goroutine 1 [future]:" in caught.value.goroutines


def test_goexit_of_a_task() -> None:
    with pytest.raises(RuntimeError, match="the task called runtime.goexit"):
        gofer.run(lambda: Executor().submit(runtime.goexit).result())


def test_a_fatal_error_of_a_task_ends_the_program() -> None:
    done = programs.run_text(
        "from gofer import Executor\nfrom gofer.sync import Mutex\nExecutor().submit(Mutex().unlock).result()\n"
    )
    assert done.status == 2
    assert done.err.startswith("fatal error: sync: unlock of unlocked mutex")


@pytest.mark.parametrize("procs", [1, 2, 8])
def test_many_tasks_that_submit_tasks(procs: int) -> None:
    before = runtime.gomaxprocs(procs)

    def main() -> int:
        with Executor(8) as inner, Executor() as outer:

            def task(n: int) -> int:
                return sum(f.result() for f in as_completed([inner.submit(pow, n, 2) for _ in range(5)]))

            return sum(outer.map(task, range(100)))

    try:
        assert gofer.run(main) == 5 * sum(n * n for n in range(100))
    finally:
        runtime.gomaxprocs(before)
