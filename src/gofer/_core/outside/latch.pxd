cimport cython
from gofer._core.machine cimport borrow, guard
from gofer._core.sched cimport borrowed, goroutine, hub, scheduler
from gofer._core.sched.goroutine cimport Goroutine, Waiter
from gofer._core.sched.waitqueue cimport WaitQueue
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sched.timers cimport Deadline, TimerHeap

cdef Hooks HOOKS
cdef TimerHeap TIMERS


@cython.final
cdef class Latch(Deadline):
    cdef guard.Guard gate
    cdef int state
    cdef WaitQueue waiters
    cdef object clock
    cpdef open(self)
    cdef release(self, int state)
    @cython.locals(interrupted=bint)
    cpdef bint wait(self, int reason, object on, double timeout) except -1


cpdef bint in_goroutine() except -1
