"""Captured variables that are bound once need no watch; those that only look as if they were do."""

import contextlib

import gofer
from gofer import runtime, sync
from racing import both


def started(body):
    """A goroutine that runs on after this returns, and the function that waits for its end."""
    group = sync.WaitGroup()
    group.go(body)
    return group.wait


def test_norace_bound_before_captured():
    total = 5
    both(lambda: total, lambda: total + 1)


def test_norace_bound_in_one_branch():
    if both:
        total = 5
    else:
        other = 3
    both(lambda: total, lambda: total + 1)
    return lambda: other


def test_norace_bound_by_with():
    with sync.Mutex() as held:
        both(lambda: held, lambda: held)


def test_norace_functions_that_call_each_other():
    def outer():
        return inner()

    def inner():
        return 1

    both(outer, outer)


def test_race_bound_after_captured():
    """closure variable total of test_race_bound_after_captured()"""
    total = 0
    wait = started(lambda: total)
    total = 5
    wait()


def test_race_bound_first_after_captured():
    """closure variable total of test_race_bound_first_after_captured()"""

    def read():
        try:
            return total
        except NameError:
            return None

    wait = started(read)
    total = 5
    wait()


def test_race_read_before_it_is_bound():
    """closure variable total of test_race_read_before_it_is_bound()"""

    def read():
        with contextlib.suppress(NameError):
            return total

    wait = started(read)
    runtime.gosched()
    total = 5
    wait()


def test_race_bound_to_what_captures_it():
    """closure variable wait of test_race_bound_to_what_captures_it()"""

    def read():
        try:
            return wait
        except NameError:
            return None

    wait = started(lambda: read())
    wait()


def test_race_bound_in_a_loop():
    """closure variable number of test_race_bound_in_a_loop()"""
    waits = []
    for turn in range(2):
        number = turn
        waits.append(started(lambda: number))
    for wait in waits:
        wait()


def test_race_loop_variable():
    """closure variable turn of test_race_loop_variable()"""
    waits = []
    for turn in range(2):
        waits.append(started(lambda: turn))
    for wait in waits:
        wait()


def test_race_bound_in_while():
    """closure variable number of test_race_bound_in_while()"""
    waits = []
    while len(waits) < 2:
        number = len(waits)
        waits.append(started(lambda: number))
    for wait in waits:
        wait()


def test_race_bound_by_inner_function():
    """closure variable total of test_race_bound_by_inner_function()"""
    total = 0

    def one():
        nonlocal total
        total = 1

    both(one, one)


def test_race_bound_by_inner_function_of_an_inner_one():
    """closure variable total of test_race_bound_by_inner_function_of_an_inner_one()"""
    total = 0

    def outer():
        def inner():
            nonlocal total
            total = 1

        inner()

    both(outer, outer)


def test_race_bound_again_by_walrus():
    """closure variable total of test_race_bound_again_by_walrus()"""
    total = 0
    wait = started(lambda: total)
    if (total := 5) > 3:
        wait()


def test_race_bound_again_by_augmented():
    """closure variable total of test_race_bound_again_by_augmented()"""
    total = 0
    wait = started(lambda: total)
    total += 5
    wait()


def test_race_bound_again_in_comprehension():
    """closure variable total of test_race_bound_again_in_comprehension()"""
    total = 0
    wait = started(lambda: total)
    [total := number for number in range(3)]
    wait()


def test_race_bound_again_in_try():
    """closure variable total of test_race_bound_again_in_try()"""
    total = 0
    wait = started(lambda: total)
    try:
        total = 5
    finally:
        wait()


def test_race_deleted():
    """closure variable total of test_race_deleted()"""
    total = 0

    def read():
        try:
            return total
        except NameError:
            return None

    wait = started(read)
    del total
    wait()


def test_race_function_replaced():
    """closure variable act of test_race_function_replaced()"""

    def act():
        return 1

    wait = started(lambda: act())

    def act():
        return 2

    wait()


def test_race_parameter_bound_again():
    """closure variable total of run()"""

    def run(total):
        wait = started(lambda: total)
        total = 5
        wait()

    run(1)


def test_norace_goroutine_uses_channel_bound_before():
    ch = gofer.Chan()
    gofer.go(lambda: ch.send(1))
    assert ch.recv() == 1
