cimport cython

from gofer._core.machine cimport borrow, guard, reasons, switch, tracing
from gofer._core.sched cimport borrowed, interrupts, mail, owner, scheduler
from gofer._core.sched.goroutine cimport Goroutine, p_void
from gofer._core.sched.timers cimport TimerHeap
from gofer._core.sched.worker cimport Worker

cdef TimerHeap TIMERS

cpdef bint request(Worker worker) except -1
cpdef request_at(Worker worker, object code)
cdef bint arm(Worker worker) except -1
cdef bint arm_code(object code) except -1
@cython.locals(g=Goroutine, at=p_void)
cpdef on_line()
@cython.locals(g=Goroutine)
cpdef on_event(object code, object offset, object more=*)
@cython.locals(at=p_void)
cpdef on_instruction(object code, object offset)
@cython.locals(at=p_void)
cdef take_turns(object code)
cdef raise_interruption(Goroutine g)
cdef bint is_due(Worker worker) except -1
cdef bint is_anybody_due() except -1
cdef bint is_for_main(Worker worker) except -1
cdef bint is_interrupted(Worker worker) except -1
cdef bint may_give_way(Worker worker) except -1
cdef bint are_outer_safe(Goroutine g) except -1
cdef give_way(Worker worker)
