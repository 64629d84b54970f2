cimport cython
from gofer._core.machine cimport duration, guard
from gofer._core.sched cimport hub, spawn, wakeup
from gofer._core.time cimport alarms
from gofer._core.time.alarms cimport FuncAlarm, TimerChan
from gofer._core.sched.timers cimport TimerHeap
from gofer._core.machine.uncopyable cimport Uncopyable

cdef TimerHeap TIMERS


cdef class Delivering(Uncopyable):
    cdef TimerChan chan
    cdef object view
    cdef object __weakref__


cdef class Timer(Delivering):
    cdef guard.Guard gate
    cdef FuncAlarm alarm
    cdef object fn
    cdef tuple args
    cdef object kwargs
    cdef void open_func(self, object fn, tuple args, object kwargs) noexcept
    @cython.locals(when=double, stopped=bint, first=bint, before=FuncAlarm)
    cdef bint replace(self, FuncAlarm fresh, double seconds) except -1


cdef class Ticker(Delivering):
    pass

cdef double period_of(object d) except -1.0
