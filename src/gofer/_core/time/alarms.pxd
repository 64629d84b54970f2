cimport cython
from gofer._core.machine cimport borrow, clock, guard, reasons
from gofer._core.sched cimport borrowed, goroutine, hub, scheduler, spawn, wakeup
from gofer._core.chan.chan cimport Chan
from gofer._core.sched.goroutine cimport Goroutine, Waiter
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sched.monitor cimport Monitor
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.spawn cimport Origin
from gofer._core.sched.timers cimport Deadline, TimerHeap

cdef double EPSILON
cdef double NEVER
cdef Hooks HOOKS
cdef Monitor MONITOR
cdef Runtime RUNTIME
cdef TimerHeap TIMERS


@cython.final
cdef class Sleeper(Deadline):
    cdef guard.Guard gate
    cdef Goroutine g
    cdef forget(self)

@cython.final
cdef class ChanAlarm(Deadline):
    cdef object chan_ref

@cython.final
cdef class TimerChan(Chan):
    cdef ChanAlarm alarm
    cdef bint active
    cdef double when
    cdef double period
    cdef object clock
    cdef double taken
    cdef double taken_at
    cdef object __weakref__
    cdef open_timer(self)
    @cython.locals(when=double, active=bint, first=bint)
    cdef bint start(self, double seconds, double period) except -1
    @cython.locals(active=bint, removed=bint)
    cdef bint stop(self) except -1
    cdef take(self, Waiter into, double now)
    @cython.locals(first=bint, w=Waiter)
    cdef go_off(self, double now)
    cdef bint enlist(self) except -1

@cython.final
cdef class FuncAlarm(Deadline):
    cdef Origin origin
    cdef object fn
    cdef tuple args
    cdef object kwargs

cpdef sleep(double seconds)
@cython.locals(foreign=bint)
cdef bint attend() except -1
cdef start(Deadline timer, double when)
cdef bint stop(Deadline timer) except -1
@cython.locals(after=double)
cdef double following(double when, double period, double now) except? -1.0
cdef TimerChan new_timer_chan()
