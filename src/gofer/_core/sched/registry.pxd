cimport cython
from gofer._core.machine cimport borrow, guard
from gofer._core.sched cimport borrowed
from gofer._core.sched.goroutine cimport Goroutine, p_void


@cython.final
cdef class Registry:
    cdef guard.Guard gate
    cdef void *head
    cdef void add(self, Goroutine g) noexcept
    cdef bint remove(self, Goroutine g) noexcept
    @cython.locals(at=p_void, count=Py_ssize_t, filled=Py_ssize_t)
    cpdef list members(self)
