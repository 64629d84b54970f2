cdef class Hooks:
    cdef readonly bint on
    cdef readonly object tool
