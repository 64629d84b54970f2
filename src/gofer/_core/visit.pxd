cimport cython
from gofer._core cimport borrow, borrowed, goroutine, guard, scheduler
from gofer._core cimport chan as channels
from gofer._core.chan cimport Chan
from gofer._core.goroutine cimport Goroutine, Waiter, WaitQueue
from gofer._core.hooks cimport Hooks

cdef Hooks HOOKS


@cython.final
cdef class Visit:
    cdef Chan chan
    cdef bint sends
    cdef Goroutine g
    cdef Waiter w
    cdef object clock
    cdef object notify
    cdef guard.Flag unspent
    cpdef bint begin(self) except -1
    cdef forget(self)
    cpdef bint withdraw(self) except -1
    cpdef finish(self)
    cpdef give_back(self)


@cython.final
cdef class Returned:
    cdef Goroutine g
    cdef Waiter w


@cython.locals(last=Py_ssize_t)
cdef put_back(Chan chan, object value, object clock)
cdef void unshift(Chan chan, object value, object clock)
