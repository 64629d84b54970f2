cimport cython
from gofer._core cimport borrow, borrowed, reasons, scheduler
from gofer._core.goroutine cimport Goroutine, p_void
from gofer._core.hooks cimport Hooks
from gofer._core.mutex cimport Mutex
from gofer._core.worker cimport Worker

cdef Hooks HOOKS


@cython.final
cdef class Wakeup(Mutex):
    cdef readonly str module


@cython.locals(at=p_void)
cpdef importer()
