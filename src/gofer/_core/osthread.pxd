from gofer._core cimport borrowed, scheduler, wakeup
from gofer._core.goroutine cimport Goroutine
from gofer._core.runtime cimport Runtime
from gofer._core.worker cimport Worker

cdef Runtime RUNTIME

cpdef lock_thread()
cpdef unlock_thread()
