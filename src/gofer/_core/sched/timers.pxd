cimport cython
from gofer._core.machine cimport borrow, clock, guard


cdef class Deadline:
    cdef readonly double when
    cdef Py_ssize_t index
    cdef long long run
    cdef bint lasting
    cpdef fire(self, double now)


@cython.final
cdef class TimerHeap:
    cdef guard.Guard gate
    cdef list heap
    cdef double earliest
    cdef readonly bint is_virtual
    cdef double virtual_now
    cdef long long runs
    cdef long long run
    cpdef double now(self)
    @cython.locals(index=Py_ssize_t)
    cpdef bint start(self, Deadline timer, double when) except -1
    cpdef bint stop(self, Deadline timer) except -1
    @cython.locals(index=Py_ssize_t)
    cdef bint remove(self, Deadline timer) except -1
    @cython.locals(parent=Py_ssize_t)
    cdef void sift_up(self, Py_ssize_t index, Deadline timer)
    @cython.locals(child=Py_ssize_t, right=Py_ssize_t)
    cdef void sift_down(self, Py_ssize_t index, Deadline timer)
    cpdef Deadline take_due(self, double now)
    @cython.locals(fired=bint)
    cpdef bint fire_due(self, double now) except -1
    cdef bint look(self) except -1
    cpdef bint advance(self) except -1
    @cython.locals(count=Py_ssize_t)
    cdef bint any_pending(self) except -1
    @cython.locals(count=Py_ssize_t, filled=Py_ssize_t, index=Py_ssize_t)
    cpdef list started(self)
    @cython.locals(run=cython.longlong)
    cpdef end_run(self)
