cimport cython
from gofer._core.machine cimport borrow, guard, reasons
from gofer._core.sched cimport borrowed, mail, owner, scheduler
from gofer._core.sched.goroutine cimport Goroutine, Mailbox, p_void
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.worker cimport Worker

cdef Runtime RUNTIME


@cython.final
cdef class Urgency:
    cdef public bint ready
    cdef public bint ended
    cdef public object press
    cdef public object press_at
    cdef guard.Flag idle
    cdef public bint asked
    cdef public long long round
    cdef public long long seen
    cdef public object place
    cdef public int same
    cdef public int steps
    cpdef reset(self)
    cpdef bint begin(self) except -1
    cpdef end(self)

@cython.locals(idle=bint)
cpdef interrupt(Goroutine g, object error)
cdef offer_exit(Goroutine main)
cpdef hurry()
cpdef press()
cpdef step()
cpdef look_at(object frame)
cdef bint is_stuck() except -1
@cython.locals(at=p_void)
cpdef urge(object frame)
