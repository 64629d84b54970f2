cimport cython
from gofer._core.machine cimport bell, borrow, guard
from gofer._core.sched cimport goroutine
from gofer._core.sched.choice cimport Choice
from gofer._core.sched.goroutine cimport Carrier, Goroutine, Mailbox, p_void
from gofer._core.sched.registry cimport Registry


cdef Choice CHOICE
cdef double BACKLOG
cdef double SATED
cdef double STALE
cdef int STOLEN_AT_MOST


@cython.final
cdef class Worker:
    cdef readonly int index
    cdef readonly object hub
    cdef readonly object thread
    cdef readonly Registry registry
    cdef readonly Goroutine main
    cdef readonly Goroutine hub_goroutine
    cdef void *thread_state
    cdef void *current
    cdef void *idle
    cdef int idle_count
    cdef bint carrier_ended
    cdef guard.Guard gate
    cdef void *fresh_head
    cdef void *fresh_tail
    cdef Py_ssize_t fresh_count
    cdef void *local_head
    cdef void *local_tail
    cdef void *posted_head
    cdef void *posted_tail
    cdef long long ticket
    cdef readonly long long ticks
    cdef long long look_at
    cdef long long overrun
    cdef double now
    cdef guard.Flag sleeping
    cdef bell.Bell bell
    cdef readonly bint chosen
    cdef list drawn
    cdef long long seen_ticks
    cdef void *seen_first
    cdef double seen_at
    cdef readonly unsigned long ident
    cdef long long cpu_clock
    cdef bint overdue
    cdef void *pool_site
    cdef int pool_lasti
    cdef double pool_seen
    cdef bint saw_young
    cdef bint turned_away
    cdef bint seeks
    cdef bint keeps_time
    cdef int idled
    cdef int patience
    cdef int locks
    cdef bint closed
    cdef bint leaving
    cdef bint permanent
    cdef bint paused
    cdef long long started
    cdef readonly double computed
    cdef void push(self, Goroutine g) noexcept
    cdef void push_fresh(self, Goroutine g) noexcept
    cdef void post(self, Goroutine g) noexcept
    @cython.locals(at=p_void)
    cdef void collect(self) noexcept
    cdef bint pick(self) except -1
    @cython.locals(picked=bint)
    cdef bint pick_fresh(self) noexcept
    cdef void pick_local(self) noexcept
    @cython.locals(index=Py_ssize_t, count=Py_ssize_t)
    cdef bint draw(self) except -1
    @cython.locals(elapsed=double, ran=cython.longlong, first=p_void)
    cdef bint is_overdue(self, double now) noexcept
    @cython.locals(found=p_void, last=p_void, at=p_void, count=Py_ssize_t)
    cdef bint steal_into(self, Worker thief) noexcept
    cpdef bint has_runnable(self) noexcept
    cdef bint has_fresh(self) noexcept
    cdef void notice_pool(self, Goroutine g, double now) noexcept
    @cython.locals(same=bint)
    cdef bint leaves_pool_to(self, Worker victim, double now) noexcept
    cdef void lend_to(self, Worker other) noexcept
    cdef void share_with(self, Worker other) noexcept
    @cython.locals(found=p_void)
    cdef void lend_one(self, Worker other) noexcept
    cdef void rest(self, Carrier carrier) noexcept
    cdef void forget(self)
    cdef void forget_fresh(self) noexcept

from gofer._core.sched cimport borrowed  # which cimports what is above
