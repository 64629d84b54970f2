cimport cython
from gofer._core cimport borrow, goroutine, guard, hub, reasons, scheduler, spawn, wakeup
from gofer._core cimport chan as channels
from gofer._core.chan cimport Chan
from gofer._core.goroutine cimport Goroutine, Waiter
from gofer._core.hooks cimport Hooks
from gofer._core.timers cimport Timer, TimerHeap

cdef Hooks HOOKS
cdef TimerHeap TIMERS


@cython.final
cdef class Sleeper(Timer):
    cdef Goroutine g

@cython.final
cdef class ChanAlarm(Timer):
    cdef object chan_ref
    cdef double period
    cdef object clock

@cython.final
cdef class TimerChan(Chan):
    cdef ChanAlarm timer
    cdef object __weakref__
    cpdef deliver(self, object value, object clock)
    cpdef bint discard(self) except -1

@cython.final
cdef class FuncAlarm(Timer):
    cdef object fn
    cdef tuple args
    cdef object kwargs
    cdef object clock

cpdef sleep(double seconds)
cdef start(Timer timer, double when)
cpdef bint stop(Timer timer) except -1
cpdef start_in(Timer timer, double seconds)
cdef TimerChan new_timer_chan(double period)
