from gofer._core.machine cimport bell, clock, guard, reasons
from gofer._core.sched cimport scheduler, wakeup
from gofer._core.sched.goroutine cimport Goroutine
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.worker cimport Worker

cdef Runtime RUNTIME

cdef bint leave_to_main_thread(Worker worker) except -1
cdef bint hears_of_signals(Worker worker) except -1
cdef double settle(Worker worker) except -1.0
cdef double count_on_threads() except -1.0
