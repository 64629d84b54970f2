cimport cython
from gofer._core cimport borrow, goroutine, guard, reasons, scheduler
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
cdef class TimerChan(Chan):
    cdef object timer
    cdef object __weakref__
    cpdef deliver(self, object value, object clock)

@cython.final
cdef class ChanAlarm(Timer):
    cdef object chan_ref
    cdef double period
    cdef object clock

@cython.final
cdef class FuncAlarm(Timer):
    cdef object fn
    cdef tuple args
    cdef object clock
