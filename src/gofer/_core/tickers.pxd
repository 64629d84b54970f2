from gofer._core cimport alarms, duration, timers


cdef class Timer:
    cdef timers.Timer alarm
    cdef alarms.TimerChan chan
    cdef object view
    cdef object __weakref__


cdef class Ticker:
    cdef alarms.TimerChan chan
    cdef object view
    cdef object __weakref__

cdef double period_of(object d) except -1.0
