cimport cython
from gofer._core.machine cimport borrow, chance


@cython.final
cdef class Choice:
    cdef readonly bint decides
    cdef object rng
    cpdef follow(self, object rng)
    cdef Py_ssize_t runnable(self, Py_ssize_t count) except -1
    @cython.locals(drawn=Py_ssize_t)
    cdef Py_ssize_t case(self, Py_ssize_t count) except -1
    cdef Py_ssize_t steps(self, Py_ssize_t most) except -1
