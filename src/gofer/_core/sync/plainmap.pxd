cimport cython
from gofer._core.machine cimport borrow, dicts, guard
from gofer._core.sched cimport borrowed, owner, scheduler
from gofer._core.sched.goroutine cimport Goroutine, p_void
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sched.worker cimport Worker

cdef Hooks HOOKS


cdef class Map(dict):
    cdef guard.Guard gate
    cdef void *writer
    cdef void *reader
    cdef void *owner
    cdef void *author
    cdef long long writes
    cdef long long writes_due
    cdef long long changes
    cdef long long changes_due
    cdef long long version
    @cython.locals(me=p_void, changed=bint, due=bint)
    cdef bint begin(self) except -1
    @cython.locals(mine=bint, writes=bint, reads=bint)
    cdef bint challenge(self, void *me) except -1
    cdef pause(self, bint changed)
    cdef void end(self) noexcept
    cdef void note(self) noexcept
    @cython.locals(me=p_void, writes=bint)
    cdef refuse(self, str message)
    @cython.locals(me=p_void, first=bint)
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


cdef seen(Map found)
@cython.locals(at=p_void)
cdef void *actor() except NULL
cdef long long next_due(long long count, long long often) noexcept
cdef bint may_switch() except -1
cdef bint is_under_way(void *at) except -1
