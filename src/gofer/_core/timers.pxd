cimport cython
from gofer._core cimport clock, guard


cdef class Timer:
    cdef readonly double when
    cdef Py_ssize_t index
    cpdef fire(self)
    cpdef bint can_wake(self) except -1


@cython.final
cdef class TimerHeap:
    cdef guard.Guard gate
    cdef list heap
    cdef double earliest
    cdef readonly bint is_virtual
    cdef double virtual_now
    cpdef double now(self)
    @cython.locals(index=Py_ssize_t)
    cpdef bint start(self, Timer timer, double when) except -1
    cpdef bint stop(self, Timer timer) except -1
    @cython.locals(index=Py_ssize_t)
    cdef bint remove(self, Timer timer) except -1
    @cython.locals(parent=Py_ssize_t)
    cdef void sift_up(self, Py_ssize_t index, Timer timer)
    @cython.locals(child=Py_ssize_t, right=Py_ssize_t)
    cdef void sift_down(self, Py_ssize_t index, Timer timer)
    cpdef Timer take_due(self)
    @cython.locals(fired=bint)
    cpdef bint fire_due(self) except -1
    cpdef bint advance(self) except -1
    cpdef bint any_can_wake(self) except -1
