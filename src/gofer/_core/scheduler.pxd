cimport cython
from gofer._core cimport borrow, borrowed, goroutine, guard, reasons, switch, wakeup
from gofer._core.goroutine cimport Carrier, Goroutine, p_void
from gofer._core.hooks cimport Hooks
from gofer._core.runtime cimport Runtime
from gofer._core.timers cimport TimerHeap
from gofer._core.worker cimport Worker

cdef Hooks HOOKS
cdef TimerHeap TIMERS
cdef Runtime RUNTIME

cdef void *this_worker() noexcept
@cython.locals(at=p_void)
cpdef Goroutine current()
cdef become(Worker worker)
cdef Worker attach()
cdef bint park(Goroutine g, int reason, void *on) except -1
cdef bint park_thread(Goroutine g) except -1
cdef ready(Goroutine g)
cdef ready_thread(Goroutine g)
cpdef yield_now()
cdef raise_pending(Goroutine g)
cpdef interrupt(Goroutine g, object error)
@cython.locals(leaving=p_void)
cdef switch_away(Worker worker)
cdef look_up(Worker worker)
cdef object next_target(Worker worker)
