cimport cython
from gofer._core.machine cimport borrow, guard, reasons, switch
from gofer._core.sched cimport belongings, borrowed, interrupts, owner, scheduler
from gofer._core.sched.goroutine cimport Carrier, Goroutine, p_void
from gofer._core.sched.registry cimport Registry
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.worker cimport Worker

cdef Hooks HOOKS
cdef Runtime RUNTIME


@cython.final
cdef class Body:
    cdef void *carrier

cdef Carrier new_carrier(Worker worker)
cdef bint run_current(Worker worker, Carrier carrier) except -1
cdef execute(Worker worker, Goroutine g)
@cython.locals(failure=p_void)
cdef carry_out(Goroutine g)
cdef report(Goroutine g, object failure)
@cython.locals(at=p_void)
cdef finish(Goroutine g)
