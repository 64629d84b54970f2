from gofer._core cimport borrow, scheduler
from gofer._core.goroutine cimport Waiter

cdef ready_all(object last)
