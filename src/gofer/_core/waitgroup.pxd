cimport cython
from gofer._core cimport borrow, carriers, goroutine, guard, reasons, scheduler, spawn, waking
from gofer._core.edges cimport Edges
from gofer._core.goroutine cimport Goroutine, Waiter, WaitQueue, p_void
from gofer._core.hooks cimport Hooks

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
