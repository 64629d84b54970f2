cimport cython
from gofer._core.machine cimport guard
from gofer._core.machine.hooks cimport Hooks
from gofer._core.machine.uncopyable cimport Uncopyable

cdef Hooks HOOKS


@cython.final
@cython.freelist(64)
cdef class Released:
    cdef object value
    cdef object clock


@cython.final
cdef class Stock:
    cdef list fresh
    cdef list old
    cdef object __weakref__
    cdef object take(self)
    cdef age(self)


cdef class Pool(Uncopyable):
    cdef object new
    cdef Stock stock


cdef object top(list values)
cdef list empty(list values)
