from gofer._core cimport borrow, goroutine, guard, reasons, scheduler
from gofer._core.goroutine cimport Goroutine, Waiter, WaitQueue
from gofer._core.hooks cimport Hooks
from gofer._core.uncopyable cimport Uncopyable

cdef Hooks HOOKS


cdef class Mutex(Uncopyable):
    cdef guard.Guard gate
    cdef bint held
    cdef WaitQueue waiters
    cdef object clock
    cpdef lock(self)
    cpdef bint try_lock(self)
    cpdef unlock(self)
    cpdef bint locked(self)
    cdef wait(self, Goroutine g)
