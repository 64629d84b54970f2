from gofer._core cimport clock, guard, reasons, scheduler, wakeup
from gofer._core.goroutine cimport Goroutine
from gofer._core.runtime cimport Runtime
from gofer._core.worker cimport Worker

cdef Runtime RUNTIME

cdef double settle() except -1.0
cdef double count_on_threads() except -1.0
