cimport cython
from gofer._core.machine cimport borrow, guard, reasons, record
from gofer._core.sched cimport borrowed, goroutine, scheduler, wakeup
from gofer._core.chan cimport chan as channels
from gofer._core.chan.chan cimport Chan
from gofer._core.sched.choice cimport Choice
from gofer._core.sched.goroutine cimport Goroutine, Waiter, p_void
from gofer._core.sched.waitqueue cimport WaitQueue
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sched.timers cimport TimerHeap

cdef Hooks HOOKS
cdef TimerHeap TIMERS
cdef Choice CHOICE
cdef Py_ssize_t NO_CHANNEL, SOME, TIMER


@cython.final
cdef class Case:
    cdef Chan chan
    cdef bint sends
    cdef object value

cpdef object chan_of(object what, str view)
@cython.locals(i=Py_ssize_t, chosen=Py_ssize_t, found=Py_ssize_t, ready=bint)
cdef Py_ssize_t choose(tuple cases) except -2
cdef bint is_ready(Case case) noexcept
cdef bint perform(Case case, Waiter into, object clock) except -1
cdef list in_lock_order(tuple cases)
cdef void lock_all(list channels) noexcept
cdef void unlock_all(list channels) noexcept
@cython.locals(found=Py_ssize_t)
cdef Py_ssize_t make_chain(Waiter first, tuple cases, Goroutine g) except -1
cdef bint can_proceed(tuple cases) noexcept
cdef bint is_crowded(tuple cases) noexcept
cdef void enqueue(Waiter first, tuple cases, Goroutine g, object clock, Py_ssize_t dice) noexcept
@cython.locals(at=p_void, ahead=p_void, count=Py_ssize_t)
cdef Py_ssize_t push(WaitQueue queue, Waiter w, Py_ssize_t dice) noexcept
@cython.locals(i=Py_ssize_t, chosen=Py_ssize_t)
cdef Py_ssize_t withdraw(Waiter first, tuple cases) except -2
cdef void unchain(Waiter first) noexcept
cdef watch(tuple cases)
@cython.locals(found=Py_ssize_t, timed=bint, interrupted=bint, chosen=Py_ssize_t, dice=Py_ssize_t)
cdef Py_ssize_t wait(Waiter first, tuple cases, Goroutine g, object clock) except -2
cdef object announce(tuple cases)
cdef object result(Py_ssize_t chosen, Case case, Waiter w, object clock)
@cython.locals(chosen=Py_ssize_t, looked=bint)
cdef object run(tuple cases, bint default)
