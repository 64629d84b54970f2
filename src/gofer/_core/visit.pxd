cimport cython
from gofer._core cimport borrow, borrowed, goroutine, guard, ring, scheduler, wakeup
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
