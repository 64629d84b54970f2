cimport cython
from gofer._core.machine cimport borrow, collector, noted

cpdef bint has_any() except -1
@cython.locals(paused=bint)
cpdef tuple put_aside()
cpdef put_back(tuple kept)
