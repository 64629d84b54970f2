from gofer._core.machine cimport guard
from gofer._core.sync.edges cimport Edges
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sync.mutex cimport Mutex

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
