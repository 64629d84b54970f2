"""gofer's side of the first suite."""

import time
from typing import Any

import gofer
from bench.programs import protocol
from bench.programs.protocol import resident, since
from gofer import Chan, go, recv, runtime, select, sync
from gofer import time as gofer_time


def start(n: int) -> float:
    group = sync.WaitGroup()
    begin = time.perf_counter_ns()
    for _ in range(n // 1000):
        group.add(1000)
        for _ in range(1000):
            go(group.done)
        group.wait()
    return since(begin, n)


def alive(n: int) -> float:
    group = sync.WaitGroup()
    begin = time.perf_counter_ns()
    group.add(n)
    for _ in range(n):
        go(group.done)
    group.wait()
    return since(begin, n)


class Parked:
    """n goroutines that wait on one channel."""

    def __init__(self, n: int) -> None:
        self.gate = Chan[None]()
        self.group = sync.WaitGroup()
        self.group.add(n)
        self.arrived = 0
        for _ in range(n):
            go(self.wait)
        while self.arrived < n:
            runtime.gosched()

    def wait(self) -> None:
        self.arrived += 1
        self.gate.recv()
        self.group.done()

    def release(self) -> None:
        self.gate.close()
        self.group.wait()


def park(n: int) -> float:
    begin = time.perf_counter_ns()
    Parked(n).release()
    return since(begin, n)


def pingpong(n: int) -> float:
    there, back = Chan[int](), Chan[int]()

    def echo() -> None:
        for value in there:
            back.send(value)

    go(echo)
    begin = time.perf_counter_ns()
    for i in range(n // 2):
        there.send(i)
        back.recv()
    elapsed = since(begin, n)
    there.close()
    return elapsed


def send_all(ch: Chan[int], n: int) -> None:
    for i in range(n):
        ch.send(i)


def one_way(n: int, capacity: int, senders: int = 1) -> float:
    ch = Chan[int](capacity)
    begin = time.perf_counter_ns()
    for _ in range(senders):
        go(send_all, ch, n // senders)
    for _ in range(n):
        ch.recv()
    return since(begin, n)


def gosched(n: int) -> float:
    group = sync.WaitGroup()

    def work() -> None:
        for _ in range(n // 2):
            runtime.gosched()

    begin = time.perf_counter_ns()
    group.go(work)
    group.go(work)
    group.wait()
    return since(begin, n)


def send_round(channels: list[Chan[int]], n: int) -> None:
    for _ in range(n // len(channels)):
        for ch in channels:
            ch.send(1)


def select2(n: int, capacity: int = 0) -> float:
    a, b = Chan[int](capacity), Chan[int](capacity)
    if capacity:
        send_round([a, b], n)
    else:
        go(send_round, [a, b], n)
    begin = time.perf_counter_ns()
    for _ in range(n):
        select(recv(a), recv(b))
    return since(begin, n)


def select8(n: int, capacity: int = 0) -> float:
    a, b, c, d, e, f, g, h = channels = [Chan[int](capacity) for _ in range(8)]
    if capacity:
        send_round(channels, n)
    else:
        go(send_round, channels, n)
    begin = time.perf_counter_ns()
    for _ in range(n):
        select(recv(a), recv(b), recv(c), recv(d), recv(e), recv(f), recv(g), recv(h))
    return since(begin, n)


def nothing() -> None:
    pass


def waitgroup(n: int) -> float:
    begin = time.perf_counter_ns()
    for _ in range(n // 1000):
        group = sync.WaitGroup()
        for _ in range(1000):
            group.go(nothing)
        group.wait()
    return since(begin, n)


def mutex(n: int) -> float:
    lock = sync.Mutex()
    begin = time.perf_counter_ns()
    for _ in range(n):
        lock.lock()
        lock.unlock()
    return since(begin, n)


def mutex_contended(n: int) -> float:
    lock, group = sync.Mutex(), sync.WaitGroup()

    def work() -> None:
        for _ in range(n // 10):
            lock.lock()
            runtime.gosched()
            lock.unlock()

    begin = time.perf_counter_ns()
    for _ in range(10):
        group.go(work)
    group.wait()
    return since(begin, n)


def timer(n: int) -> float:
    begin = time.perf_counter_ns()
    for _ in range(n):
        gofer_time.Timer(3600).stop()
    return since(begin, n)


def sleep(n: int) -> float:
    group = sync.WaitGroup()
    begin = time.process_time_ns()
    for _ in range(n):
        group.go(gofer_time.sleep, 0.05)
    group.wait()
    return (time.process_time_ns() - begin) / n


def memory(n: int) -> float:
    before = resident()
    parked = Parked(n)
    used = (resident() - before) / n
    parked.release()
    return used


def million(n: int) -> dict[str, float]:
    before, begin = resident(), time.perf_counter()
    parked = Parked(n)
    seconds, used = time.perf_counter() - begin, resident() - before
    begin = time.perf_counter()
    parked.release()
    return {
        "million-park": seconds,
        "million-memory": used / 1e9,
        "million-release": time.perf_counter() - begin,
    }


CASES: dict[str, Any] = {
    "start": start,
    "alive": alive,
    "park": park,
    "pingpong": pingpong,
    "unbuffered": lambda n: one_way(n, 0),
    "buffered": lambda n: one_way(n, 100),
    "fanin": lambda n: one_way(n, 0, 100),
    "yield": gosched,
    "select2": select2,
    "select2-ready": lambda n: select2(n, n // 2),
    "select8": select8,
    "select8-ready": lambda n: select8(n, n // 8),
    "waitgroup": waitgroup,
    "mutex": mutex,
    "mutex-contended": mutex_contended,
    "timer": timer,
    "sleep": sleep,
    "memory": memory,
    "million": million,
    "import": protocol.import_cost("gofer"),
}

if __name__ == "__main__":
    gofer.run(protocol.main, CASES)
