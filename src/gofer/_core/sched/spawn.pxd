cimport cython
from gofer._core.machine cimport borrow, guard, switch
from gofer._core.sched cimport goroutine, owner, scheduler, wakeup
from gofer._core.sched.goroutine cimport Goroutine, p_void
from gofer._core.sched.registry cimport Registry
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sched.monitor cimport Monitor
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.timers cimport TimerHeap
from gofer._core.sched.worker cimport Worker

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
    cdef bint aside
    cdef object start

cdef Goroutine create(object fn, tuple args, object kwargs)
cdef Origin origin()
cdef go_from(Origin origin, object clock, object fn, tuple args, object kwargs)
cpdef go(object fn, tuple args, object kwargs)
@cython.locals(at=p_void)
cdef int launch(Goroutine g) except -1
@cython.locals(at=p_void)
cpdef lend()
