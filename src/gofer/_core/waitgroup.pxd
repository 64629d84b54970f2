cimport cython
from gofer._core cimport borrow, carriers, goroutine, guard, reasons, scheduler, spawn, waking
from gofer._core.edges cimport Edges
from gofer._core.goroutine cimport Goroutine, Waiter, WaitQueue
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
    @cython.locals(counter=cython.longlong)
    cdef _trace(self, long long delta)
    cdef change(self, long long delta)
