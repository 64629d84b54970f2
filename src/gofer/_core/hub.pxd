cimport cython
from gofer._core cimport bell, borrow, borrowed, carriers, clock, collector, deadlock, guard, interrupts, scheduler, spin
from gofer._core cimport switch, wakeup
from gofer._core.goroutine cimport Carrier, Goroutine, p_void
from gofer._core.monitor cimport Monitor
from gofer._core.runtime cimport Runtime
from gofer._core.timers cimport TimerHeap
from gofer._core.worker cimport Worker

cdef Monitor MONITOR
cdef TimerHeap TIMERS
cdef Runtime RUNTIME

@cython.locals(chosen=p_void)
cdef p_void next_to_run(Worker worker)
cdef bint find_work(Worker worker) except -1
@cython.locals(now=double)
cdef bint steal(Worker thief) except -1
cdef pass_on()
cpdef keep_time()
cdef summon()
cdef leave_clock(Worker worker)
cdef bint any_fresh() except -1
@cython.locals(longest=int, found=bint)
cdef bint spin_for_work(Worker worker) except -1
cdef bint may_end(Worker worker) except -1
cdef end(Worker worker)
@cython.locals(rung=bint, idle=int, watches=bint)
cdef wait_for_work(Worker worker)
@cython.locals(timeout=double)
cdef bint sleep_until_rung(Worker worker, bint last) except -1
@cython.locals(longest=double, timeout=double)
cdef double time_to_sleep(Worker worker, bint last) except? -1.0
cdef wake_up(Worker worker, bint counted, bint rung)
