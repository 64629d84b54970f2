cimport cython

from gofer._core.machine cimport guard, reasons
from gofer._core.sched cimport borrowed, owner, scheduler
from gofer._core.sched.choice cimport Choice
from gofer._core.sched.goroutine cimport Goroutine, p_void
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sched.timers cimport TimerHeap
from gofer._core.sched.worker cimport Worker

cdef Choice CHOICE
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
