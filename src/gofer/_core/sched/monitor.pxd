cimport cython
from gofer._core.machine cimport borrow, clock, guard
from gofer._core.sched.timers cimport TimerHeap
from gofer._core.sched.worker cimport Worker

cdef TimerHeap TIMERS


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
    cdef bint eager
    cdef bint wanted
    cdef bint told
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
    cpdef close(self)
    cpdef nudge(self)
    cdef bint all_asleep(self) except -1
    cpdef start_with_goroutines(self)
    @cython.locals(quiet=int, interval=double)
    cpdef loop(self)
    @cython.locals(blocked=int, busy=double, waits=bint, kept_waiting=bint)
    cdef bint check(self, double now) except -1
    @cython.locals(ticks=cython.longlong)
    cdef double look(self, Watch watch, double now)
    @cython.locals(cpu=double, used=double)
    cdef bint count_time(self, Watch watch, double busy) except -1
    cdef tell(self, Worker worker, double busy)
