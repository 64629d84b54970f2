cimport cython
from gofer._core cimport borrow, chance, goroutine, guard, reasons, record, scheduler
from gofer._core cimport chan as channels
from gofer._core.chan cimport Chan
from gofer._core.goroutine cimport Goroutine, Waiter
from gofer._core.hooks cimport Hooks

cdef Hooks HOOKS
cdef object seeded_draw


@cython.final
cdef class Case:
    cdef Chan chan
    cdef bint sends
    cdef object value

cpdef object chan_of(object what, str view)
cdef Py_ssize_t draw(Py_ssize_t n) except -1
@cython.locals(i=Py_ssize_t, chosen=Py_ssize_t, found=Py_ssize_t, ready=bint)
cdef Py_ssize_t choose(tuple cases) except -2
cdef bint is_ready(Case case) noexcept
cdef bint perform(Case case, Waiter into, object clock) except -1
cdef list in_lock_order(tuple cases)
cdef void lock_all(list channels) noexcept
cdef void unlock_all(list channels) noexcept
cdef bint make_chain(Waiter first, tuple cases, Goroutine g) except -1
cdef bint can_proceed(tuple cases) noexcept
cdef void enqueue(Waiter first, tuple cases, Goroutine g, object clock) noexcept
@cython.locals(i=Py_ssize_t, chosen=Py_ssize_t)
cdef Py_ssize_t withdraw(Waiter first, tuple cases) except -2
cdef void unchain(Waiter first) noexcept
@cython.locals(some=bint, interrupted=bint, chosen=Py_ssize_t)
cdef Py_ssize_t wait(Waiter first, tuple cases, Goroutine g, object clock) except -2
cdef object announce(tuple cases)
cdef object result(Py_ssize_t chosen, Case case, Waiter w, object clock)
@cython.locals(chosen=Py_ssize_t)
cdef object run(tuple cases, bint default)
cpdef set_draw(object function)
