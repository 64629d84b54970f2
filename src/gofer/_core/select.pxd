cimport cython
from gofer._core cimport borrow, goroutine, guard, reasons, scheduler
from gofer._core.chan cimport Chan
from gofer._core.goroutine cimport Goroutine, Waiter, WaitQueue
from gofer._core.hooks cimport Hooks

cdef Hooks HOOKS


@cython.final
@cython.freelist(64)
cdef class Case:
    cdef Chan chan
    cdef bint sends
    cdef object value
    cdef Waiter waiter

cdef class Selection:
    cdef tuple cases
    cdef Goroutine g
    cdef Waiter result
    cdef object clock
    cdef list locked
    cdef lock_all(self)
    cdef void unlock_all(self)
    @cython.locals(i=Py_ssize_t, n=Py_ssize_t, start=Py_ssize_t)
    cdef int poll(self, bint default) except -2
    cdef bint try_case(self, Case case)
    cdef bint is_ready(self, Case case)
    cdef prepare(self)
    cdef bint can_proceed(self)
    cdef served(self, int chosen)
    @cython.locals(chosen=int)
    cdef run(self, bint default)
    cdef enqueue(self)
    @cython.locals(i=Py_ssize_t, chosen=int)
    cdef int commit(self) except -2
