cimport cython
from gofer._core.context cimport lineage
from gofer._core.machine cimport borrow, guard
from gofer._core.sched cimport spawn
from gofer._core.time cimport alarms
from gofer._core.chan.chan cimport Chan
from gofer._core.machine.hooks cimport Hooks
from gofer._core.context.lineage cimport Link, RootContext, UncancelledContext, ValueContext
from gofer._core.sched.spawn cimport Origin
from gofer._core.sched.timers cimport Deadline, TimerHeap

cdef Hooks HOOKS
cdef TimerHeap TIMERS


@cython.final
@cython.trashcan(True)
cdef class CancelContext(Link):
    cdef guard.Guard gate
    cdef int code
    cdef object error
    cdef object why
    cdef object clock
    cdef Chan chan
    cdef object view
    cdef dict children
    cdef CancelContext owner
    cdef object unhook
    cdef Alarm alarm
    cdef object __weakref__
    cdef bint adopt(self, object child) except -1
    cdef drop(self, object child)
    cdef leave(self)
    cdef open(self, object parent)
    cdef object take_unhook(self)
    cdef end(self, int code, object error, object why, object clock)
    cdef end_as(self, CancelContext owner)
    cdef bint finish(self, int code, object error, object why, object clock) except -1
    cdef Chan open_chan(self)
    cdef object reason(self)
    @cython.locals(hooked=bint)
    cdef arm(self, double when, object why)


@cython.final
cdef class Alarm(Deadline):
    cdef CancelContext context
    cdef object why
    cdef object clock
    cdef Origin origin


@cython.final
cdef class Registration:
    cdef object fn
    cdef Origin origin
    cdef guard.Flag pending
    cdef CancelContext owner
    cdef bint private
    cdef start(self, object clock)


cdef object snapshot()
cdef CancelContext new_context(object parent)
cdef propagate(CancelContext child, object parent)
cdef propagate_foreign(CancelContext child, object parent)
cdef end_children(CancelContext root, int code, object error, object why, object clock)
