from gofer._core cimport borrow, noted

cpdef bint has_any() except -1
cpdef tuple put_aside()
cpdef put_back(tuple kept)
