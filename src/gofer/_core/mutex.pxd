from gofer._core cimport borrow, borrowed, goroutine, guard, reasons, scheduler, spin
from gofer._core.goroutine cimport Goroutine, Waiter, WaitQueue
from gofer._core.hooks cimport Hooks
from gofer._core.runtime cimport Runtime
from gofer._core.uncopyable cimport Uncopyable

cdef Hooks HOOKS
cdef Runtime RUNTIME
cdef long long LONGEST_SPIN


cdef class Mutex(Uncopyable):
    cdef guard.Guard gate
    cdef bint held
    cdef WaitQueue waiters
    cdef object clock
    cpdef lock(self)
    cpdef bint try_lock(self) except -1
    cpdef unlock(self)
    cpdef bint locked(self) except -1
    cdef wait(self, Goroutine g, int reason)
