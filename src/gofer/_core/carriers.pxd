cimport cython
from gofer._core cimport belongings, borrow, borrowed, guard, interrupts, reasons, scheduler, switch
from gofer._core.goroutine cimport Carrier, Goroutine, Registry, p_void
from gofer._core.hooks cimport Hooks
from gofer._core.runtime cimport Runtime
from gofer._core.worker cimport Worker

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
