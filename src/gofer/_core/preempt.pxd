cimport cython

from gofer._core cimport borrow, guard, reasons, scheduler, tracing
from gofer._core.goroutine cimport Goroutine, p_void
from gofer._core.timers cimport TimerHeap
from gofer._core.worker cimport Worker

cdef TimerHeap TIMERS

cpdef bint request(Worker worker) except -1
cdef bint arm(Worker worker) except -1
@cython.locals(at=p_void)
cpdef on_line()
@cython.locals(at=p_void)
cpdef on_event(object code, object offset, object more=*)
cdef bint is_due(Worker worker)
cdef bint is_anybody_due()
cdef bint may_give_way(Worker worker)
cdef give_way(Worker worker)
