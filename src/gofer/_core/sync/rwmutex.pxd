cimport cython
from gofer._core.machine cimport borrow, guard, reasons
from gofer._core.sched cimport goroutine, scheduler, waking
from gofer._core.sync.edges cimport Edges
from gofer._core.sched.goroutine cimport Goroutine, Waiter, p_void
from gofer._core.sched.waitqueue cimport WaitQueue
from gofer._core.machine.hooks cimport Hooks
from gofer._core.machine.uncopyable cimport Uncopyable

cdef Hooks HOOKS


cdef class RWMutex(Edges):
    cdef guard.Guard gate
    cdef bint writing
    cdef Py_ssize_t readers
    cdef WaitQueue waiting_readers
    cdef WaitQueue waiting_writers
    cdef object writer_clock
    cpdef lock(self)
    @cython.locals(taken=bint)
    cpdef bint try_lock(self) except -1
    @cython.locals(woken=p_void)
    cpdef unlock(self)
    cpdef rlock(self)
    @cython.locals(taken=bint)
    cpdef bint try_rlock(self) except -1
    @cython.locals(woken=p_void)
    cpdef runlock(self)
    cdef acquire_both(self)
    cdef wait_to_read(self, Goroutine g)
    @cython.locals(woken=p_void)
    cdef void *admit_writer(self) noexcept
    @cython.locals(woken=p_void)
    cdef void *admit_readers(self) noexcept
    @cython.locals(woken=p_void)
    cdef give_up(self, WaitQueue queue, Waiter w, bint to_write)


cdef class RLocker(Uncopyable):
    cdef RWMutex rw
    cpdef lock(self)
    cpdef unlock(self)


