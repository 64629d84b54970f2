cimport cython
from gofer._core.machine cimport borrow
from gofer._core.sched cimport borrowed
from gofer._core.sched.goroutine cimport Goroutine, Waiter


@cython.final
cdef class WaitQueue:
    cdef void *head
    cdef void *tail
    cdef void push(self, Waiter w) noexcept
    cdef void push_front(self, Waiter w) noexcept
    cdef void push_before(self, Waiter w, Waiter other) noexcept
    cdef Waiter pop(self)
    cdef bint remove(self, Waiter w) noexcept
    cdef void unlink(self, Waiter w) noexcept


cdef WaitQueue new_queue()
