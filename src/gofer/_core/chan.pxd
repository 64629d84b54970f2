cimport cython
from gofer._core cimport borrow, borrowed, goroutine, guard, reasons, scheduler
from gofer._core.goroutine cimport Goroutine, Waiter, WaitQueue
from gofer._core.hooks cimport Hooks
from gofer._core.uncopyable cimport Uncopyable

cdef Hooks HOOKS


@cython.freelist(0)  # select has one for all classes that it declares
cdef class Chan(Uncopyable):
    cdef guard.Guard gate
    cdef readonly Py_ssize_t capacity
    cdef object zero
    cdef bint is_closed
    cdef list ring
    cdef Py_ssize_t head
    cdef Py_ssize_t count
    cdef WaitQueue receivers
    cdef WaitQueue senders
    cdef list clocks
    cdef object close_clock
    cdef open(self, Py_ssize_t capacity, object zero)
    cpdef send(self, value)
    cpdef recv(self)
    cpdef tuple recv_ok(self)
    cpdef close(self)
    cdef bint shut(self, object clock) except -1
    cpdef bint waits_to_receive(self) except -1


cdef bint offer(Chan chan, object value, object clock) except -1
cdef object hand_over_clock(Chan chan, Waiter w, object clock)
@cython.locals(slot=Py_ssize_t)
cdef void fill(Chan chan, object value) noexcept
cdef object drain(Chan chan)
cdef object swap_slot_clock(Chan chan, Py_ssize_t slot, object clock)
cdef wait_to_send(Chan chan, Goroutine g, object value, object clock)
cdef Waiter receive(Chan chan)
cdef Waiter traced_recv(Chan chan, Goroutine g)
cdef Waiter wait_to_recv(Chan chan, Goroutine g, object clock)
@cython.locals(slot=Py_ssize_t)
cdef bint poll(Chan chan, Waiter into, object clock) except -1
cdef withdraw(Chan chan, WaitQueue queue, Waiter w, Goroutine g)
