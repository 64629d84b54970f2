from gofer._core.machine cimport borrow, status
from gofer._core.sched cimport mail
from gofer._core.sched.runtime cimport Runtime

cdef Runtime RUNTIME

cpdef end_with(int code)
