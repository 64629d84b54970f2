cimport cython
from gofer._core.sched.timers cimport TimerHeap

cdef TimerHeap TIMERS


cdef class Link:
    cdef object parent
    cdef bint timed
    cdef double when
    cdef void begin(self, object parent) noexcept


@cython.final
cdef class RootContext(Link):
    cdef object name


@cython.final
@cython.trashcan(True)
cdef class ValueContext(Link):
    cdef object key
    cdef object held
    cdef object __weakref__


@cython.final
@cython.trashcan(True)
cdef class UncancelledContext(Link):
    cdef object __weakref__


cdef object cancellable(object context)
cdef object lookup(object context, object key)
cpdef text(object context)
