cimport cython

from gofer._core cimport borrowed, guard, reasons, scheduler
from gofer._core.goroutine cimport Goroutine, p_void
from gofer._core.hooks cimport Hooks
from gofer._core.timers cimport TimerHeap
from gofer._core.worker cimport Worker

cdef Hooks HOOKS
cdef TimerHeap TIMERS


@cython.final
cdef class Pace:
    cdef int left
    cdef long long ticks
    cdef int held


cdef Pace PACE

@cython.locals(at=p_void, g=Goroutine)
cpdef step()
cdef bint may_give_way() except -1
