cimport cython
from gofer._core cimport borrow, borrowed, goroutine, guard, scheduler, switch, wakeup
from gofer._core.goroutine cimport Goroutine, Registry, p_void
from gofer._core.hooks cimport Hooks
from gofer._core.monitor cimport Monitor
from gofer._core.runtime cimport Runtime
from gofer._core.timers cimport TimerHeap
from gofer._core.worker cimport Worker

cdef Hooks HOOKS
cdef Monitor MONITOR
cdef Runtime RUNTIME
cdef TimerHeap TIMERS

@cython.final
cdef class Origin:
    cdef object context
    cdef object code
    cdef int lasti
    cdef long long parent_id
    cdef object start

cdef Goroutine create(object fn, tuple args, object kwargs)
cdef Origin origin()
cdef go_from(Origin origin, object clock, object fn, tuple args, object kwargs)
cpdef go(object fn, tuple args, object kwargs)
@cython.locals(at=p_void)
cdef int launch(Goroutine g) except -1
@cython.locals(at=p_void)
cpdef lend()
