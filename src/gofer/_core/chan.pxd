cimport cython
from gofer._core cimport borrow, goroutine, guard, reasons, scheduler
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
    cdef bint shut(self, object clock)
    cdef bint offer(self, object value, object clock)
    cdef bint poll(self, Waiter into, object clock)
    @cython.locals(slot=Py_ssize_t)
    cdef void fill(self, object value) noexcept
    cdef object drain(self)
    cdef wait_to_send(self, Goroutine g, object value, object clock)
    cdef Waiter _traced_recv(self, Goroutine g)
    cdef wait_to_recv(self, Goroutine g, object clock)
    cdef object hand_over_clock(self, Waiter w, object clock)
    cdef object swap_slot_clock(self, Py_ssize_t slot, object clock)
    cdef withdraw(self, WaitQueue queue, Waiter w, Goroutine g)
    cpdef bint waits_to_receive(self)
    cdef bint waits_to_send(self)
