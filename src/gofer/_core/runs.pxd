cimport cython
from gofer._core cimport bell, borrow, borrowed, guard, interrupts, mail, reasons, scheduler, wakeup
from gofer._core.goroutine cimport Goroutine, Mailbox, p_void
from gofer._core.monitor cimport Monitor
from gofer._core.runtime cimport Runtime
from gofer._core.timers cimport TimerHeap
from gofer._core.worker cimport Worker

cdef Monitor MONITOR
cdef Runtime RUNTIME
cdef TimerHeap TIMERS

@cython.locals(at=p_void)
cpdef begin_run(bint active)
cdef begin_mail(Goroutine main)
@cython.locals(at=p_void)
cpdef end_run(bint attached)
