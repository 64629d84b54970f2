from gofer._core.machine cimport guard
from gofer._core.sched cimport carriers, scheduler, spawn
from gofer._core.chan.chan cimport Chan
from gofer._core.context.context cimport CancelContext
from gofer._core.machine.uncopyable cimport Uncopyable
from gofer._core.sync.waitgroup cimport WaitGroup


cdef class Group(Uncopyable):
    cdef guard.Guard gate
    cdef guard.Counter active
    cdef CancelContext context
    cdef WaitGroup group
    cdef Chan tokens
    cdef object error
    cdef Chan limiter(self)
    cdef begin(self, Chan tokens, object fn, tuple args, object kwargs)
    cdef end(self, Chan tokens)
    cdef fail(self, object error)
    cdef object failure(self)
