"""What gofer's own synchronisation orders, and what it does not: each edge of the memory model, both ways."""

import concurrent.futures
import threading

import gofer
from gofer import aio, atomic, context, errgroup, semaphore, singleflight, sync, time
from racing import Box, both


def increment(box):
    box.value += 1


# -- RWMutex --


def test_norace_rwmutex_writers():
    box, rw = Box(), sync.RWMutex()

    def write():
        with rw:
            increment(box)

    both(write, write)


def test_norace_rwmutex_reader_and_writer():
    box, rw = Box(), sync.RWMutex()

    def write():
        with rw:
            increment(box)

    def read():
        with rw.reader:
            return box.value

    both(write, read, write, read)


def test_race_rwmutex_write_under_rlock():
    "Box.value"
    box, rw = Box(), sync.RWMutex()

    def write():
        with rw.reader:
            increment(box)

    both(write, write)


def test_race_rwmutex_one_side_only():
    box, rw = Box(), sync.RWMutex()

    def write():
        with rw:
            increment(box)

    both(write, lambda: increment(box))


def test_norace_rwmutex_runlock_before_lock():
    box, rw, read = Box(), sync.RWMutex(), gofer.Chan()

    def reader():
        rw.rlock()
        look = box.value
        read.close()
        rw.runlock()

    def writer():
        read.recv()
        rw.lock()
        box.value = 2
        rw.unlock()

    both(reader, writer)


def test_race_two_rwmutexes():
    box, one, two = Box(), sync.RWMutex(), sync.RWMutex()

    def write(rw):
        with rw:
            increment(box)

    both(lambda: write(one), lambda: write(two))


# -- Mutex --


def test_norace_try_lock_that_succeeds():
    box, mutex, tried = Box(), sync.Mutex(), gofer.Chan()

    def first():
        mutex.lock()
        increment(box)
        mutex.unlock()
        tried.close()

    def second():
        while not mutex.try_lock():
            gofer.runtime.gosched()
        increment(box)
        mutex.unlock()

    both(first, second)


def test_race_try_lock_that_fails():
    box, mutex, locked, done = Box(), sync.Mutex(), gofer.Chan(1), gofer.Chan(1)

    def first():
        mutex.lock()
        locked.send(1)
        increment(box)
        done.recv()
        mutex.unlock()

    def second():
        locked.recv()
        if not mutex.try_lock():
            increment(box)
        done.send(1)

    both(first, second)


def test_norace_mutex_unlocked_by_another():
    box, mutex = Box(), sync.Mutex()
    mutex.lock()

    def first():
        increment(box)
        mutex.unlock()

    def second():
        mutex.lock()
        increment(box)

    both(first, second)


def test_race_after_unlock():
    box, mutex = Box(), sync.Mutex()

    def work():
        with mutex:
            pass
        increment(box)

    both(work, work)


# -- WaitGroup --


def test_norace_done_before_wait():
    box, group = Box(), sync.WaitGroup()
    group.add(2)

    def work(name):
        setattr(box, name, 1)
        group.done()

    gofer.go(work, "value")
    gofer.go(work, "other")
    group.wait()
    box.value, box.other = box.other, box.value


def test_race_after_done():
    box, group, after = Box(), sync.WaitGroup(), sync.WaitGroup()
    group.add()

    def work():
        group.done()
        increment(box)

    after.go(work)
    group.wait()
    increment(box)
    after.wait()


def test_race_done_orders_no_other_done():
    box, group = Box(), sync.WaitGroup()
    group.add(2)

    def work():
        increment(box)
        group.done()

    gofer.go(work)
    gofer.go(work)
    group.wait()


def test_race_add_from_zero_with_wait():
    "WaitGroup"
    group, after = sync.WaitGroup(), sync.WaitGroup()
    after.add(2)

    def adds():
        group.add(1)
        group.done()
        after.done()

    def waits():
        group.wait()
        after.done()

    gofer.go(adds)
    gofer.go(waits)
    after.wait()


def test_norace_add_before_go():
    group = sync.WaitGroup()
    for _ in range(3):
        group.add()
        gofer.go(group.done)
    group.wait()


def test_norace_two_waiters():
    box, group, after = Box(), sync.WaitGroup(), sync.WaitGroup()
    group.add()

    def work():
        increment(box)
        group.done()

    def look():
        group.wait()
        return box.value

    after.go(look)
    after.go(look)
    gofer.go(work)
    after.wait()


# -- Once --


def test_norace_once():
    box, once = Box(), sync.Once()

    def use():
        once.do(lambda: increment(box))
        return box.value

    both(use, use, use)


def test_race_two_onces():
    box = Box()

    def use():
        sync.Once().do(lambda: increment(box))

    both(use, use)


def test_norace_once_value():
    made = []

    def make():
        made.append(1)
        return made

    value = sync.once_value(make)
    both(lambda: value()[0], lambda: value()[0])


def test_norace_once_func_and_values():
    box = Box()
    func = sync.once_func(lambda: increment(box))
    values = sync.once_values(lambda: (box, 2))

    def use():
        func()
        return values()[0].value

    both(use, use)


def test_race_lazy_without_once():
    box = Box()

    def use():
        if not box.value:
            box.value = 5
        return box.value

    both(use, use)


# -- Cond --


def test_norace_cond():
    box, cond = Box(), sync.Cond(sync.Mutex())
    ready = []

    def wait():
        with cond.lock:
            while not ready:
                cond.wait()
        return box.value

    def signal():
        increment(box)
        with cond.lock:
            ready.append(1)
        cond.broadcast()

    both(wait, signal)


def test_race_cond_after_signal():
    box, cond = Box(), sync.Cond(sync.Mutex())
    ready = []

    def wait():
        with cond.lock:
            cond.wait_for(lambda: ready)
        return box.value

    def signal():
        with cond.lock:
            ready.append(1)
            cond.signal()
        increment(box)

    both(wait, signal)


# -- Pool --


def test_norace_pool_put_before_get():
    pool = sync.Pool(Box)

    def use():
        for _ in range(3):
            box = pool.get()
            increment(box)
            pool.put(box)

    both(use, use)


def test_race_pool_used_after_put():
    pool, given = sync.Pool(), gofer.Chan(1)

    def first():
        box = Box()
        pool.put(box)
        given.send(1)
        increment(box)

    def second():
        given.recv()
        box = pool.get()
        if box is not None:
            increment(box)

    kept = Box()
    pool.put(kept)
    both(lambda: increment(kept), lambda: increment(pool.get()))


# -- sync.Map and gofer.Map --


def test_norace_sync_map_many_writers():
    table = sync.Map()

    def use(k):
        for i in range(3):
            table.store(i, k)
            table.load(i)
            table.load_or_store("x", k)
            table.delete(i)

    both(lambda: use(1), lambda: use(2))


def test_norace_sync_map_publishes():
    table = sync.Map()

    def first():
        box = Box()
        increment(box)
        table.store("box", box)

    def second():
        box, ok = table.load("box")
        while not ok:
            gofer.runtime.gosched()
            box, ok = table.load("box")
        increment(box)

    both(first, second)


def test_race_sync_map_value_after_store():
    table, box = sync.Map(), Box()

    def first():
        table.store("box", box)
        increment(box)

    def second():
        found, ok = table.load("box")
        increment(box)

    both(first, second)


def test_race_gofer_map_same_key():
    "Map"
    table = gofer.Map()
    table["k"] = 0

    def use():
        try:
            table["k"] = 1
        except gofer.FatalError:
            pass

    both(use, use)


def test_race_gofer_map_new_keys():
    table = gofer.Map()

    def use(k):
        try:
            table[k] = 1
        except gofer.FatalError:
            pass

    both(lambda: use(1), lambda: use(2))


def test_norace_gofer_map_locked():
    table, mutex = gofer.Map(), sync.Mutex()

    def use(k):
        with mutex:
            table[k] = 1
            table.get(k)
            len(table)

    both(lambda: use(1), lambda: use(2))


def test_norace_gofer_map_reads():
    table = gofer.Map({"a": 1})

    def use():
        return table["a"], len(table), list(table)

    both(use, use)


# -- atomics --


def test_norace_atomic_counter():
    n = atomic.Int64()
    both(lambda: n.add(1), lambda: n.add(1), lambda: n.load(), lambda: n.store(3), lambda: n.swap(1))


def test_norace_atomic_flag_publishes():
    box, ready = Box(), atomic.Bool()

    def first():
        increment(box)
        ready.store(True)

    def second():
        while not ready.load():
            gofer.runtime.gosched()
        increment(box)

    both(first, second)


def test_norace_atomic_pointer_publishes():
    pointer = atomic.Pointer()

    def first():
        box = Box()
        increment(box)
        pointer.store(box)

    def second():
        while pointer.load() is None:
            gofer.runtime.gosched()
        increment(pointer.load())

    both(first, second)


def test_norace_compare_and_swap_as_lock():
    box, held = Box(), atomic.Int32()

    def use():
        while not held.compare_and_swap(0, 1):
            gofer.runtime.gosched()
        increment(box)
        held.store(0)

    both(use, use)


def test_race_atomic_stored_before_the_access():
    box, ready = Box(), atomic.Bool()

    def first():
        ready.store(True)
        increment(box)

    def second():
        while not ready.load():
            gofer.runtime.gosched()
        increment(box)

    both(first, second)


def test_race_two_atomics_order_nothing():
    box, one, two = Box(), atomic.Int64(), atomic.Int64()

    def first():
        increment(box)
        one.add(1)

    def second():
        two.add(1)
        increment(box)

    both(first, second)


# -- context --


def test_norace_cancel_before_done():
    box = Box()
    ctx = context.with_cancel(context.background())

    def first():
        increment(box)
        ctx.cancel()

    def second():
        ctx.done().recv()
        increment(box)

    both(first, second)


def test_race_after_cancel():
    box = Box()
    ctx = context.with_cancel(context.background())

    def first():
        ctx.cancel()
        increment(box)

    def second():
        ctx.done().recv()
        increment(box)

    both(first, second)


def test_norace_cancel_before_err():
    box = Box()
    ctx = context.with_cancel(context.background())

    def first():
        increment(box)
        ctx.cancel()

    def second():
        while ctx.err() is None:
            gofer.runtime.gosched()
        increment(box)

    both(first, second)


def test_norace_cancel_reaches_children():
    box = Box()
    ctx = context.with_cancel(context.background())
    child = context.with_value(context.with_cancel(ctx), "k", 1)

    def first():
        increment(box)
        ctx.cancel()

    def second():
        child.done().recv()
        increment(box)

    both(first, second)


def test_norace_context_after_func():
    box, ran = Box(), gofer.Chan()
    ctx = context.with_cancel(context.background())

    def then():
        increment(box)
        ran.close()

    context.after_func(ctx, then)

    def first():
        increment(box)
        ctx.cancel()

    both(first, ran.recv)
    increment(box)


# -- time --


def test_norace_after_func():
    box, ran = Box(), gofer.Chan()
    increment(box)

    def then():
        increment(box)
        ran.close()

    time.after_func(0.001, then)
    ran.recv()
    increment(box)


def test_race_after_func():
    box, ran = Box(), gofer.Chan()

    def then():
        increment(box)
        ran.close()

    time.after_func(0.001, then)
    increment(box)
    ran.recv()


def test_norace_timer_channels():
    box = Box()

    def first():
        increment(box)
        return time.after(0.001)

    tick = time.Ticker(0.001)
    first().recv()
    tick.c.recv()
    tick.stop()
    timer = time.Timer(0.001)
    timer.c.recv()
    increment(box)


def test_norace_timer_reset_before_receive():
    box, timer = Box(), time.Timer(100)
    timer.stop()

    def first():
        increment(box)
        timer.reset(0.001)

    def second():
        timer.c.recv()
        increment(box)

    both(first, second)


def test_race_sleep_orders_nothing():
    box = Box()

    def work():
        time.sleep(0.001)
        increment(box)

    both(work, lambda: increment(box))


# -- errgroup, semaphore, singleflight --


def test_norace_errgroup_wait():
    box = Box()
    with errgroup.Group() as group:
        group.go(increment, box)
    increment(box)


def test_race_errgroup_members():
    box = Box()

    def work():
        box.value += 1

    group = errgroup.Group()
    group.go(work)
    group.go(work)
    group.wait()


def test_norace_errgroup_limit_of_one():
    box = Box()
    group = errgroup.Group()
    group.set_limit(1)
    for _ in range(3):
        group.go(increment, box)
    group.wait()


def test_norace_weighted_of_one():
    box, weighted = Box(), semaphore.Weighted(1)

    def work():
        weighted.acquire(context.background())
        increment(box)
        weighted.release()

    both(work, work)


def test_race_weighted_of_two():
    box, weighted = Box(), semaphore.Weighted(2)
    inside = sync.WaitGroup()
    inside.add(2)

    def work():
        weighted.acquire(context.background())
        inside.done()
        inside.wait()
        increment(box)
        weighted.release()

    both(work, work)


def test_norace_singleflight():
    group = singleflight.Group()

    def load():
        box = Box()
        increment(box)
        return box

    def use():
        return group.do("k", load).value.value

    both(use, use)


# -- futures, executors, asyncio, blocking --


def test_norace_wait_future():
    box, future = Box(), concurrent.futures.Future()

    def first():
        increment(box)
        future.set_result(1)

    def second():
        gofer.wait(future)
        increment(box)

    both(first, second)


def test_race_future_after_result():
    box, future = Box(), concurrent.futures.Future()

    def first():
        future.set_result(1)
        increment(box)

    def second():
        gofer.wait(future)
        increment(box)

    both(first, second)


def test_norace_executor():
    box = Box()
    with gofer.Executor() as pool:
        increment(box)
        pool.submit(increment, box).result()
        increment(box)
        gofer.wait(pool.submit(increment, box))
    increment(box)


def test_race_executor_tasks():
    box = Box()

    def work():
        box.value += 1

    with gofer.Executor() as pool:
        pool.submit(work)
        pool.submit(work)


def test_norace_blocking():
    box = Box()
    increment(box)
    gofer.blocking(increment, box)
    increment(box)


def test_race_blocking_calls():
    box = Box()

    def work():
        box.value += 1

    both(lambda: gofer.blocking(work), lambda: gofer.blocking(work))


def test_norace_aio_run():
    box = Box()

    async def work():
        increment(box)
        return box

    increment(box)
    aio.run(work())
    increment(box)


def test_norace_aio_channels():
    box, asked, told = Box(), gofer.Chan(), gofer.Chan()

    async def work():
        await aio.recv(asked)
        increment(box)
        await aio.send(told, 1)

    def first():
        increment(box)
        asked.send(1)
        told.recv()
        increment(box)

    both(first, lambda: aio.run(work()))


def test_norace_aio_go():
    box = Box()

    async def work():
        increment(box)
        await aio.go(increment, box)
        increment(box)

    aio.run(work())


# -- race.acquire, race.release, race.ignore, race.read, race.write --


class Mine:
    pass


def test_norace_own_synchronisation():
    from gofer import race

    box, mine, flag = Box(), Mine(), atomic.Bool()

    def first():
        increment(box)
        race.release(mine)
        threading.Event().is_set()

    def second():
        race.acquire(mine)

    first()
    both(second, second)


def test_norace_release_acquire():
    from gofer import race

    box, mine, order = Box(), Mine(), [0]
    race.ignore(order)

    def first():
        increment(box)
        race.release(mine)
        order[0] = 1

    def second():
        while not order[0]:
            gofer.runtime.gosched()
        race.acquire(mine)
        increment(box)

    both(first, second)


def test_race_acquire_of_another():
    from gofer import race

    box, mine, yours = Box(), Mine(), Mine()

    def first():
        increment(box)
        race.release(mine)

    def second():
        race.acquire(yours)
        increment(box)

    both(first, second)


def test_norace_ignored():
    from gofer import race

    box = Box()
    race.ignore(box)
    both(lambda: increment(box), lambda: increment(box))


def test_race_declared_writes():
    from gofer import race

    mine = Mine()
    both(lambda: race.write(mine, "x"), lambda: race.read(mine, "x"))


def test_norace_declared_reads():
    from gofer import race

    mine = Mine()
    both(lambda: race.read(mine, "x"), lambda: race.read(mine, "x"), lambda: race.write(mine, "y"))
