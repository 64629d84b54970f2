from gofer._core cimport borrowed, scheduler
from gofer._core.goroutine cimport Waiter

cdef ready_all(object last)
