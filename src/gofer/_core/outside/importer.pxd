cimport cython
from gofer._core.machine cimport borrow, reasons
from gofer._core.sched cimport borrowed, owner, scheduler
from gofer._core.sched.goroutine cimport Goroutine, p_void
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sync.mutex cimport Mutex
from gofer._core.sched.worker cimport Worker

cdef Hooks HOOKS


@cython.final
cdef class Wakeup(Mutex):
    cdef readonly str module


@cython.locals(at=p_void)
cpdef importer()
