from gofer._core cimport borrow, mail, status
from gofer._core.runtime cimport Runtime

cdef Runtime RUNTIME

cpdef end_with(int code)
