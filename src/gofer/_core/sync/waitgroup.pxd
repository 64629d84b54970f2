cimport cython
from gofer._core.machine cimport borrow, guard, reasons
from gofer._core.sched cimport carriers, goroutine, scheduler, spawn, waking
from gofer._core.sync.edges cimport Edges
from gofer._core.sched.goroutine cimport Goroutine, Waiter, p_void
from gofer._core.sched.waitqueue cimport WaitQueue
from gofer._core.machine.hooks cimport Hooks

cdef Hooks HOOKS


cdef class WaitGroup(Edges):
    cdef guard.Guard gate
    cdef long long counter
    cdef WaitQueue waiters
    cpdef add(self, long long delta=*)
    cpdef done(self)
    @cython.locals(reused=bint)
    cpdef wait(self)
    cdef _trace(self, long long delta)
    @cython.locals(counter=cython.longlong, woken=p_void)
    cdef change(self, long long delta)
