cimport cython
from gofer._core cimport borrow, borrowed, goroutine, guard, hub, scheduler
from gofer._core.goroutine cimport Goroutine, Waiter, WaitQueue
from gofer._core.hooks cimport Hooks
from gofer._core.timers cimport Timer, TimerHeap

cdef Hooks HOOKS
cdef TimerHeap TIMERS


@cython.final
cdef class Latch(Timer):
    cdef guard.Guard gate
    cdef int state
    cdef WaitQueue waiters
    cdef object clock
    cpdef open(self)
    cdef release(self, int state)
    @cython.locals(interrupted=bint)
    cpdef bint wait(self, int reason, object on, double timeout) except -1


cpdef bint in_goroutine() except -1
