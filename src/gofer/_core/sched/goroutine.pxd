cimport cython

from gofer._core.machine cimport borrow, guard, reasons

ctypedef void *p_void


@cython.final
cdef class Goroutine:
    cdef readonly long long id
    cdef readonly object fn
    cdef object args
    cdef object kwargs
    cdef readonly object context
    cdef void *carrier
    cdef void *worker
    cdef void *registry
    cdef void *next
    cdef void *registry_next
    cdef void *registry_previous
    cdef long long ticket
    cdef readonly int reason
    cdef guard.Guard gate
    cdef void *waiting_on
    cdef readonly double since
    cdef guard.Flag armed
    cdef readonly long long parent_id
    cdef readonly object created_code
    cdef readonly int created_lasti
    cdef Waiter own_waiter
    cdef guard.Flag interrupted
    cdef Mailbox mailbox
    cdef object thread_lock
    cdef readonly object thread
    cdef object on_ready
    cdef public object local
    cdef bint torn
    cdef int locks
    cdef bint loops
    cdef void *frames
    cdef void arm(self) noexcept
    cdef bint claim(self) noexcept
    cpdef object awaited(self)


@cython.final
cdef class Letter:
    cdef object error
    cdef Letter next


@cython.final
cdef class Mailbox:
    cdef Letter first
    cdef object opened
    cdef Py_ssize_t raised
    cdef bint leaving
    cdef bint deaf
    cdef object outer


@cython.final
cdef class Waiter:
    cdef void *goroutine
    cdef object value
    cdef bint ok
    cdef bint served
    cdef bint queued
    cdef bint kept
    cdef void *next
    cdef void *previous
    cdef object clock
    cdef Waiter sibling


@cython.final
cdef class Carrier:
    cdef readonly object greenlet
    cdef void *worker
    cdef void *next
    cdef void *goroutine
    cdef void *frames


cdef Goroutine new_goroutine()
cdef Waiter new_waiter(Goroutine g)
cdef renew_waiter(Goroutine g)
cdef Waiter waiter_of(Goroutine g)
