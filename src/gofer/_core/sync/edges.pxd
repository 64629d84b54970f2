cimport cython
from gofer._core.machine cimport guard
from gofer._core.machine.hooks cimport Hooks
from gofer._core.machine.uncopyable cimport Uncopyable

cdef Hooks HOOKS


cdef class Edges(Uncopyable):
    cdef guard.Guard clock_gate
    cdef object clock
    cdef void open_edges(self) noexcept
    @cython.locals(unchanged=bint)
    cdef release(self)
    cdef acquire(self)
