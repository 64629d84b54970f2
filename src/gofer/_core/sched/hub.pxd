cimport cython
from gofer._core.machine cimport bell, borrow, clock, collector, guard, spin
from gofer._core.sched cimport borrowed, carriers, deadlock, interrupts, scheduler
from gofer._core.machine cimport switch
from gofer._core.sched cimport wakeup
from gofer._core.sched.goroutine cimport Carrier, Goroutine, p_void
from gofer._core.sched.monitor cimport Monitor
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.timers cimport TimerHeap
from gofer._core.sched.worker cimport Worker

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
cdef wake_timekeeper()
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
