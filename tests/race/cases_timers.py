"""Who has started a timer comes before what it does; who notices that it is due has no part in it, either way."""

import gofer
from gofer import DEFAULT, context, recv, select, time
from gofer._core.sched.timers import TIMERS
from racing import Box


def increment(box):
    box.value += 1


def notice():
    """The goroutine that runs computes until everything is due, and is the one that notices."""
    TIMERS.elapse(100.0)
    TIMERS.fire_due(TIMERS.now())


def under_virtual_clock(case):
    """Only `notice` lets time pass, unless everybody waits."""

    def run():
        TIMERS.set_virtual(True)
        try:
            case()
        finally:
            TIMERS.set_virtual(False)

    run.__name__, run.__doc__ = case.__name__, case.__doc__
    return run


@under_virtual_clock
def test_race_function_and_who_notices():
    "Box.value"
    box, ran, ended = Box(), gofer.Chan(), gofer.Chan()

    def then():
        increment(box)
        ran.close()

    def stranger():
        increment(box)
        notice()
        ended.close()

    time.after_func(1, then)
    gofer.go(stranger)
    ran.recv()
    ended.recv()


@under_virtual_clock
def test_race_function_and_what_who_notices_does_next():
    box, ran, ended = Box(), gofer.Chan(), gofer.Chan()

    def then():
        increment(box)
        ran.close()

    def late_stranger():
        notice()
        increment(box)
        ended.close()

    time.after_func(1, then)
    gofer.go(late_stranger)
    ran.recv()
    ended.recv()


@under_virtual_clock
def test_norace_function_after_who_starts_it():
    box, ran = Box(), gofer.Chan()

    def then():
        increment(box)
        ran.close()

    increment(box)
    time.after_func(1, then)
    gofer.go(notice)
    ran.recv()
    increment(box)


@under_virtual_clock
def test_norace_function_after_who_resets_it():
    box, ran, kept = Box(), gofer.Chan(), gofer.Chan(1)

    def then():
        increment(box)
        ran.close()

    kept.send(time.after_func(50, then))

    def reset():
        increment(box)
        kept.recv().reset(1)
        notice()

    gofer.go(reset)
    ran.recv()
    increment(box)


@under_virtual_clock
def test_race_function_and_what_the_starter_does_next():
    box, ran = Box(), gofer.Chan()

    def then():
        increment(box)
        ran.close()

    time.after_func(1, then)
    increment(box)
    gofer.go(notice)
    ran.recv()


@under_virtual_clock
def test_race_two_functions():
    box, ran = Box(), gofer.Chan(2)

    def then():
        increment(box)
        ran.send(None)

    time.after_func(1, then)
    time.after_func(1, then)
    gofer.go(notice)
    ran.recv()
    ran.recv()


@under_virtual_clock
def test_race_method_of_a_container_and_who_notices():
    names, ended = {}, gofer.Chan()

    def first():
        names["b"] = 1
        notice()
        ended.close()

    time.after_func(1, names.update, {"a": 1})
    gofer.go(first)
    ended.recv()
    time.sleep(1)


@under_virtual_clock
def test_race_receive_and_who_notices():
    box, first, second = Box(), gofer.Chan(), gofer.Chan()
    channel = time.after(1)

    def wait():
        channel.recv()
        increment(box)
        first.close()

    def other():
        increment(box)
        notice()
        second.close()

    gofer.go(wait)
    time.sleep(0.5)  # it waits
    gofer.go(other)
    first.recv()
    second.recv()


@under_virtual_clock
def test_race_tick_and_who_notices():
    box, first, second = Box(), gofer.Chan(), gofer.Chan()
    channel = time.tick(1)

    def wait():
        channel.recv()
        increment(box)
        first.close()

    def other():
        increment(box)
        notice()
        second.close()

    gofer.go(wait)
    time.sleep(0.5)  # it waits
    gofer.go(other)
    first.recv()
    second.recv()


@under_virtual_clock
def test_race_deadline_and_who_notices():
    box, first, second = Box(), gofer.Chan(), gofer.Chan()
    channel = context.with_timeout(context.background(), 1).done()

    def wait():
        channel.recv()
        increment(box)
        first.close()

    def other():
        increment(box)
        notice()
        second.close()

    gofer.go(wait)
    time.sleep(0.5)  # it waits
    gofer.go(other)
    first.recv()
    second.recv()


@under_virtual_clock
def test_race_who_notices_is_not_after_who_waits():
    box, first, second = Box(), gofer.Chan(), gofer.Chan()
    timer = time.after(1)

    def wait():
        increment(box)
        timer.recv()
        first.close()

    def late_stranger():
        notice()
        increment(box)
        second.close()

    gofer.go(wait)
    time.sleep(0.5)  # it waits
    gofer.go(late_stranger)
    first.recv()
    second.recv()


@under_virtual_clock
def test_norace_receive_after_who_starts_it():
    box, ended = Box(), gofer.Chan()
    increment(box)
    channel = time.Timer(1).c

    def wait():
        channel.recv()
        increment(box)
        ended.close()

    gofer.go(wait)
    time.sleep(0.5)  # it waits
    gofer.go(notice)
    ended.recv()
    increment(box)


@under_virtual_clock
def test_norace_polled_after_who_resets_it():
    box, ended, timer = Box(), gofer.Chan(), time.Timer(50)
    channel = timer.c

    def reset():
        increment(box)
        timer.reset(1)
        TIMERS.elapse(2.0)

    def poll():
        while select(recv(channel), default=True).index == DEFAULT:
            time.sleep(0.25)
        increment(box)
        ended.close()

    gofer.go(poll)
    gofer.go(reset)
    ended.recv()


@under_virtual_clock
def test_race_after_func_of_a_deadline_and_who_notices():
    box, ran, ended = Box(), gofer.Chan(), gofer.Chan()

    def then():
        increment(box)
        ran.close()

    def stranger():
        increment(box)
        notice()
        ended.close()

    context.after_func(context.with_timeout(context.background(), 1), then)
    gofer.go(stranger)
    ran.recv()
    ended.recv()


@under_virtual_clock
def test_race_after_func_and_what_who_registers_it_does_next():
    box, ran = Box(), gofer.Chan()

    def then():
        increment(box)
        ran.close()

    context.after_func(context.with_timeout(context.background(), 1), then)
    increment(box)
    gofer.go(notice)
    ran.recv()


@under_virtual_clock
def test_norace_after_func_after_the_deadline_is_set_and_after_who_registers_it():
    box, ran, made = Box(), gofer.Chan(), gofer.Chan()
    other = Box()

    def then():
        increment(box)
        increment(other)
        ran.close()

    def give_deadline():
        increment(box)
        made.send(context.with_timeout(context.background(), 1))

    gofer.go(give_deadline)
    ctx = made.recv()
    increment(other)
    context.after_func(ctx, then)
    gofer.go(notice)
    ran.recv()


def test_norace_after_func_after_who_cancels_and_who_registers():
    box, other, ran = Box(), Box(), gofer.Chan()
    ctx = context.with_cancel(context.background())

    def then():
        increment(box)
        increment(other)
        ran.close()

    def cancel():
        increment(other)
        ctx.cancel()

    increment(box)
    context.after_func(ctx, then)
    gofer.go(cancel)
    ran.recv()


def test_norace_after_func_of_what_has_ended():
    box, ran = Box(), gofer.Chan()
    ctx = context.with_cancel(context.background())

    def cancel():
        increment(box)
        ctx.cancel()

    def then():
        increment(box)
        ran.close()

    gofer.go(cancel)
    ctx.done().recv()
    context.after_func(ctx, then)
    ran.recv()


def test_race_after_func_and_what_who_cancels_does_next():
    box, ran, ended = Box(), gofer.Chan(), gofer.Chan()
    ctx = context.with_cancel(context.background())

    def then():
        increment(box)
        ran.close()

    def cancel():
        ctx.cancel()
        increment(box)
        ended.close()

    context.after_func(ctx, then)
    gofer.go(cancel)
    ran.recv()
    ended.recv()
