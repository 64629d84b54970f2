"""What user code may write: checked by mypy --strict and pyright, never run."""

from collections.abc import Iterator
from concurrent.futures import Future

import gofer
from gofer import (
    DEFAULT,
    Chan,
    Executor,
    RecvChan,
    Selected,
    SendChan,
    aio,
    blocking,
    context,
    errgroup,
    go,
    rate,
    recv,
    run,
    select,
    semaphore,
    send,
    signal,
    singleflight,
    wait,
)
from gofer.atomic import Int64, Pointer
from gofer.sync import Cond, Locker, Map, Mutex, Once, Pool, RWMutex, WaitGroup, once_func, once_value, once_values
from gofer.time import Ticker, Timer, after, sleep


def produce(out: SendChan[int], count: int, *, step: int = 1) -> None:
    for n in range(0, count, step):
        out.send(n)
    out.close()


def consume(source: RecvChan[int]) -> Iterator[int]:
    for n in source:
        yield n + 1
    last, ok = source.recv_ok()
    if not ok:
        yield last


def main(name: str) -> list[int]:
    numbers: Chan[int] = Chan(10, zero=0)
    words = Chan[str]()
    go(produce, numbers.sender, 5, step=2)
    done = select(recv(numbers), send(words, name), recv(None), default=True)
    if done.index == DEFAULT:
        return []
    match select(recv(words), recv(after(0.5))):
        case 0, _, True:
            pass
        case _, _, _:
            pass
    group, lock = WaitGroup(), Mutex()
    group.go(sleep, 0.1)
    with lock:
        group.wait()
    fired: bool = Timer(1).stop()
    moment: float = Ticker(2.5).c.recv()
    sleep(moment if fired else 0)
    return list(consume(numbers.receiver))


total: list[int] = run(main, "name")
chosen: Selected = select(recv(Chan[int]()), default=True)
doubled: list[int] = blocking(sorted, [2, 1], reverse=True)
waited: int = wait(Future[int](), timeout=2.5)
with Executor(limit=3) as executor:
    task: Future[int] = executor.submit(divmod(7, 2).count, 3)
    powers: list[int] = list(executor.map(len, ["a", "bb"]))


def pair() -> tuple[int, str]:
    return 1, "x"


rw = RWMutex()
lockers: list[Locker] = [Mutex(), rw, rw.reader]
Once().do(pair)
nothing: None = once_func(pair)()
once_number: int = once_value(lambda: 5)()
left, right = once_values(pair)()
word: str = right + "y" * left
cond = Cond(Mutex())
with cond.lock, rw, rw.reader:
    found: list[int] = cond.wait_for(lambda: [1])


async def coroutine(numbers: Chan[int]) -> int:
    await aio.send(numbers.sender, 3)
    value, ok = await aio.recv_ok(numbers)
    quotient, _ = await aio.go(divmod, 7, 2)
    return value + quotient if ok else await aio.recv(numbers.receiver)


last: int = aio.run(coroutine(Chan(1)))


def handle(ctx: context.Context, key: object) -> int | None:
    error: Exception | None = ctx.err()
    until: float | None = ctx.deadline()
    select(recv(ctx.done()))
    return None if error or until else 5


with context.with_timeout(context.background(), 2.5) as timed:
    stop_calling: bool = context.after_func(timed, pair)()
    handle(context.with_value(timed, "k", 1), timed.value("k"))
    timed.cancel(ValueError())
why: BaseException | None = context.cause(context.without_cancel(timed))
with errgroup.Group(timed) as tasks:
    tasks.go(handle, tasks.ctx, key=1)
    started: bool = tasks.try_go(pair)
semaphore.Weighted(5).acquire(timed, 2)
result: singleflight.Result[int] = singleflight.Group().do("k", lambda: 5)
shared: int = singleflight.Group().do_chan("k", lambda: 5).recv().value
limiter = rate.Limiter(rate.Inf, 5)
later: float = limiter.reserve(2).delay()
signal.notify(Chan[int](1), 15)
with signal.notify_context(timed, 15) as ended:
    handle(ended, 1)
count: int = Int64(5).add(1)
pointer: Pointer[str] = Pointer("x")
pointed: str | None = pointer.swap(None)
shared_map: Map[str, int] = Map()
shared_map["a"] = 1
seen, loaded = shared_map.load("a")
fallback: int = shared_map.get("b", 0)
pairs: list[tuple[str, int]] = list(shared_map.items())
shared_map.range(lambda key, value: key == "a" and value == 1)
pool: Pool[list[int]] = Pool(list)
pooled: list[int] | None = pool.get()
pool.put([1])
plain: gofer.Map[str, int] = gofer.Map({"a": 1})
plain["b"] = plain.get("a", 0) + 1
twin: gofer.Map[str, int] = plain.copy()
