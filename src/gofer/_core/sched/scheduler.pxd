cimport cython
from gofer._core.machine cimport borrow, guard, reasons, switch
from gofer._core.sched cimport belongings, borrowed, goroutine, mail, owner, wakeup
from gofer._core.sched.choice cimport Choice
from gofer._core.sched.goroutine cimport Carrier, Goroutine, Mailbox, p_void
from gofer._core.machine.hooks cimport Hooks
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.timers cimport TimerHeap
from gofer._core.sched.worker cimport Worker

cdef Hooks HOOKS
cdef TimerHeap TIMERS
cdef Choice CHOICE
cdef Runtime RUNTIME

cdef void *this_worker() noexcept
@cython.locals(at=p_void)
cpdef Goroutine current()
cdef become(Worker worker)
cdef Worker attach()
@cython.locals(at=p_void)
cpdef note_belongings()
cdef bint park(Goroutine g, int reason, void *on) except -1
cdef look_around(Goroutine g)
cdef object put_aside(Goroutine g)
cdef disarm(Goroutine g)
cdef absorb(Goroutine g)
cdef bint park_thread(Goroutine g) except -1
cdef bint block_thread(Goroutine g) except -1
cdef ready(Goroutine g)
cdef ready_thread(Goroutine g)
cpdef yield_now()
cdef raise_pending(Goroutine g)
cpdef interrupt(Goroutine g, object error)
@cython.locals(came=p_void)
cdef switch_away(Worker worker, Goroutine g)
cdef leave_elsewhere(Worker worker, Goroutine g)
cdef come_astray(Worker worker, Goroutine g, void *came)
cdef send_back(Worker worker, void *came)
cdef bint is_started(void *at) except -1
cdef look_up(Worker worker)
cdef p_void next_target(Worker worker)
