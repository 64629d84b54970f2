cimport cython
from gofer._core cimport borrow, borrowed, goroutine, guard, mail, reasons, scheduler, waking
from gofer._core.goroutine cimport Goroutine, Waiter, WaitQueue, p_void
from gofer._core.hooks cimport Hooks
from gofer._core.uncopyable cimport Uncopyable

cdef Hooks HOOKS


cdef class Cond(Uncopyable):
    cdef readonly object lock
    cdef guard.Guard gate
    cdef WaitQueue waiters
    cpdef wait(self)
    @cython.locals(locked=bint)
    cdef relock(self, Goroutine g, Waiter w)
    cdef park(self, Goroutine g, Waiter w)
    @cython.locals(served=bint)
    cdef leave(self, Waiter w)
    cpdef signal(self)
    cpdef broadcast(self)
    @cython.locals(woken=p_void)
    cdef wake(self, bint everybody)
