cimport cython
from gofer._core.machine cimport borrow, guard, ring
from gofer._core.sched cimport borrowed, goroutine, scheduler, wakeup
from gofer._core.chan cimport chan as channels
from gofer._core.chan.chan cimport Chan
from gofer._core.sched.goroutine cimport Goroutine, Waiter
from gofer._core.sched.waitqueue cimport WaitQueue
from gofer._core.machine.hooks cimport Hooks

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
