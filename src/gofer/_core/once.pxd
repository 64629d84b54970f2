from gofer._core cimport guard
from gofer._core.edges cimport Edges
from gofer._core.hooks cimport Hooks
from gofer._core.mutex cimport Mutex

cdef Hooks HOOKS


cdef class Once(Edges):
    cdef Mutex mutex
    cdef guard.Flag done
    cpdef do(self, fn)
    cdef first(self, fn)


cdef class Outcome:
    cdef Once once
    cdef object fn
    cdef object value
    cdef object error
    cdef object traceback
    cpdef find(self)
    cpdef get(self)
