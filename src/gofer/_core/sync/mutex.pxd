from gofer._core.machine cimport borrow, guard, reasons, spin
from gofer._core.sched cimport borrowed, goroutine, scheduler
from gofer._core.sched.goroutine cimport Goroutine, Waiter
from gofer._core.sched.waitqueue cimport WaitQueue
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sched.runtime cimport Runtime
from gofer._core.machine.uncopyable cimport Uncopyable

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
