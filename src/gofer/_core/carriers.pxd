cimport cython
from gofer._core cimport borrow, borrowed, reasons, scheduler, switch
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
@cython.locals(failure=p_void)
cdef bint run_current(Worker worker, Carrier carrier) except -1
@cython.locals(failure=p_void)
cdef execute(Goroutine g)
@cython.locals(at=p_void)
cdef finish(Worker worker, Goroutine g, object failure)
