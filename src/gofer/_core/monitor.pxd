cimport cython
from gofer._core cimport borrow, clock, guard
from gofer._core.worker cimport Worker


@cython.final
cdef class Watch:
    cdef Worker worker
    cdef long long ticks
    cdef double since
    cdef double cpu_used
    cdef bint stalled


@cython.final
cdef class Monitor:
    cdef guard.Guard gate
    cdef list watches
    cdef list hooks
    cdef bint started
    cdef guard.Flag sleeping
    cdef object bell
    cdef readonly int blocked
    cpdef reset(self)
    cpdef attach(self, object hook)
    cpdef detach(self, object hook)
    cpdef watch(self, Worker worker)
    cpdef unwatch(self, Worker worker)
    cdef list watched(self)
    cpdef start(self)
    cpdef nudge(self)
    cdef bint all_asleep(self)
    @cython.locals(blocked=int, busy=double, cpu=double)
    cdef check(self, double now)
    @cython.locals(ticks=cython.longlong)
    cdef double look(self, Watch watch, double now)
    cdef tell(self, Worker worker, double busy)
