cimport cython
from gofer._core cimport bell, borrow, borrowed, guard, reasons, switch
from gofer._core.goroutine cimport Carrier, Goroutine, Registry, p_void
from gofer._core cimport goroutine
from gofer._core.hooks cimport Hooks
from gofer._core.monitor cimport Monitor
from gofer._core.runtime cimport Runtime
from gofer._core.timers cimport TimerHeap
from gofer._core.worker cimport Worker

cdef Hooks HOOKS
cdef Monitor MONITOR
cdef TimerHeap TIMERS
cdef Runtime RUNTIME


@cython.final
cdef class Body:
    cdef void *carrier

cdef void *this_worker() noexcept
@cython.locals(at=p_void)
cpdef Goroutine current()
cdef become(Worker worker)
cdef Worker attach()
cdef Goroutine create(object fn, tuple args, object kwargs)
@cython.locals(at=p_void)
cpdef go(object fn, tuple args, object kwargs)
@cython.locals(at=p_void)
cpdef lend()
cdef bint park(Goroutine g, int reason, void *on) except -1
cdef bint park_thread(Goroutine g) except -1
cdef ready(Goroutine g)
cdef ready_thread(Goroutine g)
cpdef yield_now()
cdef raise_pending(Goroutine g)
cpdef interrupt(Goroutine g, object error)
@cython.locals(leaving=p_void)
cdef switch_away(Worker worker)
cdef look_up(Worker worker)
cdef object next_target(Worker worker)
cdef Carrier new_carrier(Worker worker)
@cython.locals(failure=p_void)
cdef bint run_current(Worker worker, Carrier carrier) except -1
cdef execute(Goroutine g)
@cython.locals(at=p_void)
cdef finish(Worker worker, Goroutine g, object failure)
cdef bint ring(Worker worker) except -1
cdef bint send_for(Worker worker) except -1
cpdef look_again()
cpdef lock_thread()
cpdef unlock_thread()
cpdef thread_rests()
cdef wake_one()
cpdef relieve(Worker worker, double busy)
@cython.locals(at=p_void)
cpdef begin_run(bint active)
@cython.locals(at=p_void)
cpdef end_run(bint attached)
