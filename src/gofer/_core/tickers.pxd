from gofer._core cimport alarms, duration, timers
from gofer._core.uncopyable cimport Uncopyable


cdef class Timer(Uncopyable):
    cdef timers.Timer alarm
    cdef alarms.TimerChan chan
    cdef object view
    cdef object __weakref__


cdef class Ticker(Uncopyable):
    cdef alarms.TimerChan chan
    cdef object view
    cdef object __weakref__

cdef double period_of(object d) except -1.0
