cimport cython
from gofer._core cimport guard
from gofer._core.hooks cimport Hooks
from gofer._core.uncopyable cimport Uncopyable

cdef Hooks HOOKS


cdef class Edges(Uncopyable):
    cdef guard.Guard clock_gate
    cdef object clock
    cdef void open_edges(self) noexcept
    @cython.locals(unchanged=bint)
    cdef release(self)
    cdef acquire(self)
