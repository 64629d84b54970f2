cimport cython
from gofer._core cimport borrow, borrowed, goroutine, guard, scheduler, switch, wakeup
from gofer._core.goroutine cimport Goroutine, Registry, p_void
from gofer._core.hooks cimport Hooks
from gofer._core.monitor cimport Monitor
from gofer._core.runtime cimport Runtime
from gofer._core.worker cimport Worker

cdef Hooks HOOKS
cdef Monitor MONITOR
cdef Runtime RUNTIME

cdef Goroutine create(object fn, tuple args, object kwargs)
@cython.locals(at=p_void)
cpdef go(object fn, tuple args, object kwargs)
@cython.locals(at=p_void)
cpdef lend()
