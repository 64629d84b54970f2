cimport cython
from gofer._core cimport borrow, dicts, guard, scheduler
from gofer._core.goroutine cimport Goroutine, p_void


cdef class Map(dict):
    cdef guard.Guard gate
    cdef void *writer
    cdef void *reader
    cdef void *owner
    cdef void *author
    cdef long long writes
    cdef long long changes
    cdef long long version
    @cython.locals(me=p_void, writer=p_void, reader=p_void, changed=bint, due=bint)
    cdef bint begin(self) except -1
    cdef pause(self, Goroutine g, bint changed)
    cdef void end(self) noexcept
    cdef note(self, Py_ssize_t before)
    @cython.locals(writer=p_void)
    cdef refuse(self, str message)
    @cython.locals(first=bint)
    cdef bint begin_read(self) except -1
    cdef void end_read(self) noexcept
    @cython.locals(before=Py_ssize_t, outermost=bint)
    cdef change(self, method, tuple args, dict kwargs)
    cpdef iterate(self, inner)


@cython.final
cdef class Iteration:
    cdef Map map
    cdef object inner
    cdef long long version
    cdef check(self)


cdef bint is_due(long long count) noexcept
cdef bint is_abandoned(Goroutine g)
