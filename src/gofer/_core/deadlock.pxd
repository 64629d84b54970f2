from gofer._core cimport bell, clock, guard, reasons, scheduler, wakeup
from gofer._core.goroutine cimport Goroutine
from gofer._core.runtime cimport Runtime
from gofer._core.worker cimport Worker

cdef Runtime RUNTIME

cdef bint leave_to_main_thread(Worker worker) except -1
cdef bint hears_of_signals(Worker worker) except -1
cdef double settle(Worker worker) except -1.0
cdef double count_on_threads() except -1.0
