cimport cython
from gofer._core.machine cimport bell, borrow, guard, reasons
from gofer._core.sched cimport interrupts, mail, owner, scheduler, wakeup
from gofer._core.sched.goroutine cimport Goroutine, Mailbox, p_void
from gofer._core.sched.monitor cimport Monitor
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.timers cimport TimerHeap
from gofer._core.sched.worker cimport Worker

cdef Monitor MONITOR
cdef Runtime RUNTIME
cdef TimerHeap TIMERS

@cython.locals(at=p_void)
cpdef begin_run(bint active)
cdef begin_mail(Goroutine main)
@cython.locals(at=p_void)
cpdef end_run(bint attached)
