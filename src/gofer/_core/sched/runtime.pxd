cimport cython
from gofer._core.machine cimport borrow, guard, reasons
from gofer._core.sched cimport owner
from gofer._core.sched.goroutine cimport Goroutine, p_void
from gofer._core.sched.registry cimport Registry
from gofer._core.sched.monitor cimport Monitor
from gofer._core.sched.timers cimport TimerHeap
from gofer._core.sched.worker cimport Worker

cdef Monitor MONITOR
cdef TimerHeap TIMERS


@cython.final
cdef class Runtime:
    cdef public bint over
    cdef readonly int forks
    cdef guard.Guard gate
    cdef guard.Counter ids
    cdef guard.Counter idle
    cdef guard.Counter outside
    cdef guard.Flag counts_on_thread
    cdef guard.Counter spinning
    cdef guard.Flag watch_post
    cdef guard.Flag clock_post
    cdef guard.Counter closed
    cdef bint several
    cdef Py_ssize_t size
    cdef guard.Counter drowsy
    cdef list left
    cdef list workers
    cdef readonly Registry registry
    cdef int procs
    cdef object refusal
    cdef public object hub
    cdef public object work
    cdef public object on_failure
    cdef public object on_event
    cdef public object on_abandoned
    cdef set parked_threads
    cdef long long parkings
    cdef Worker background_worker
    cdef admit(self)
    cdef refuse_late(self)
    cdef int limit(self)
    cdef bint may_take(self, Worker worker) except -1
    cdef bint may_spin(self, Goroutine g) noexcept
    cdef close_worker(self, Worker worker)
    cdef open_worker(self, Worker worker)
    cdef Worker start_worker(self)
    cdef start_one_more(self)
    cpdef close(self)
    cdef Worker background(self)
    cpdef list all_workers(self)
    @cython.locals(index=Py_ssize_t)
    cpdef Goroutine main_goroutine(self)
    cdef bury(self, Worker worker)
    cdef mark_parked(self, Goroutine g, object mark, bint parked)
    @cython.locals(parked=bint)
    cdef bint is_parked(self, object mark) except -1

@cython.locals(at=p_void)
cdef forget_goroutine(Goroutine g)
