cimport cython
from gofer._core.machine cimport borrow, guard, reasons, ring
from gofer._core.sched cimport borrowed, goroutine, mail, scheduler, waitqueue, wakeup, waking
from gofer._core.sched.goroutine cimport Goroutine, Waiter, p_void
from gofer._core.sched.waitqueue cimport WaitQueue
from gofer._core.machine.hooks cimport Hooks
from gofer._core.machine.uncopyable cimport Uncopyable

cdef Hooks HOOKS


@cython.freelist(0)  # select has one for all classes that it declares
cdef class Chan(Uncopyable):
    cdef guard.Guard gate
    cdef readonly Py_ssize_t capacity
    cdef object zero
    cdef bint is_closed
    cdef bint timed
    cdef ring.Ring ring
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
    @cython.locals(woken=p_void, kept=p_void)
    cdef bint shut(self, object clock) except -1
    cpdef bint waits_to_receive(self) except -1
    cdef bint is_due(self) noexcept
    cdef bint serve(self, Waiter into) except -1
    cdef prepare(self)
    cdef watch(self)
    cdef take_back(self, double value)


cdef bint offer(Chan chan, object value, object clock) except -1
cdef object hand_over_clock(Chan chan, Waiter w, object clock)
@cython.locals(slot=Py_ssize_t)
cdef void fill(Chan chan, object value) noexcept
cdef object drain(Chan chan)
cdef prepare_clocks(Chan chan)
cdef object swap_slot_clock(Chan chan, Py_ssize_t slot, object clock)
cdef wait_to_send(Chan chan, Goroutine g, object value, object clock)
cdef Waiter receive(Chan chan)
cdef Waiter traced_recv(Chan chan, Goroutine g)
cdef Waiter wait_to_recv(Chan chan, Goroutine g, object clock)
@cython.locals(slot=Py_ssize_t)
cdef bint poll(Chan chan, Waiter into, object clock) except -1
cdef withdraw(Chan chan, WaitQueue queue, Waiter w, Goroutine g)
cdef hand_back(Chan chan, Goroutine g, Waiter w)


@cython.final
cdef class Returned:
    cdef Goroutine g
    cdef Waiter w


@cython.locals(last=Py_ssize_t)
cdef put_back(Chan chan, object value, object clock)
cdef void unshift(Chan chan, object value, object clock)
