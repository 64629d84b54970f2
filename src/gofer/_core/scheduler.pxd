cimport cython
from gofer._core cimport borrow, clock, guard, reasons, spin, switch
from gofer._core.goroutine cimport Carrier, Goroutine, Registry, p_void
from gofer._core cimport goroutine
from gofer._core.hooks cimport Hooks
from gofer._core.monitor cimport Monitor
from gofer._core.timers cimport TimerHeap
from gofer._core.worker cimport Worker

cdef Hooks HOOKS
cdef Monitor MONITOR
cdef TimerHeap TIMERS
cdef Runtime RUNTIME


@cython.final
cdef class Runtime:
    cdef guard.Guard gate
    cdef guard.Counter ids
    cdef guard.Counter idle
    cdef guard.Counter outside
    cdef guard.Counter spinning
    cdef guard.Flag watch_post
    cdef list workers
    cdef readonly Registry registry
    cdef int procs
    cdef readonly object rng
    cdef public object on_failure
    cdef public object on_event
    cdef set parked_threads
    cdef Worker background
    cdef int limit(self)

@cython.locals(at=p_void)
cpdef Goroutine current()
@cython.locals(at=p_void)
cpdef go(object fn, tuple args, object kwargs)
cdef bint park(Goroutine g, int reason, void *on)
cdef bint park_thread(Goroutine g)
cdef ready(Goroutine g)
cdef ready_thread(Goroutine g)
cpdef yield_now()
cdef raise_pending(Goroutine g)
cpdef interrupt(Goroutine g, object error)
@cython.locals(leaving=p_void)
cdef switch_away(Worker worker)
cdef object next_target(Worker worker)
@cython.locals(failure=p_void)
cdef execute(Goroutine g)
@cython.locals(at=p_void)
cdef finish(Worker worker, Goroutine g, object failure)
cdef Carrier new_carrier(Worker worker)
cdef bint find_work(Worker worker)
@cython.locals(rung=bint, idle=int, watches=bint)
cdef wait_for_work(Worker worker)
@cython.locals(stuck=bint, timeout=double)
cdef bint sleep_until_rung(Worker worker, bint last) except -1
cdef wake_up(Worker worker, bint counted, bint rung)
cdef bint ring(Worker worker)
@cython.locals(now=double)
cdef bint steal(Worker thief)
cdef pass_on()
@cython.locals(longest=int, found=bint)
cdef bint spin_for_work(Worker worker)
@cython.locals(limit=int)
cdef wake_one()
cpdef ring_all()
cpdef relieve(Worker worker, double busy)
@cython.locals(at=p_void)
cpdef begin_run()
@cython.locals(at=p_void)
cpdef end_run(bint attached)
@cython.locals(at=p_void)
cdef forget_goroutine(Goroutine g)
