cimport cython
from gofer._core.machine cimport borrow, guard, reasons
from gofer._core.sched cimport borrowed, goroutine, mail, scheduler, waking
from gofer._core.sched.goroutine cimport Goroutine, Waiter, p_void
from gofer._core.sched.waitqueue cimport WaitQueue
from gofer._core.machine.hooks cimport Hooks
from gofer._core.machine.uncopyable cimport Uncopyable

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
