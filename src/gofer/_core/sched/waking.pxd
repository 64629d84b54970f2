cimport cython
from gofer._core.machine cimport borrow
from gofer._core.sched cimport borrowed, scheduler
from gofer._core.sched.goroutine cimport Waiter, p_void

cdef void *add(void *last, Waiter w) noexcept
cdef void *first(void *last) noexcept
cdef void *without_first(void *last) noexcept
@cython.locals(at=p_void)
cdef ready_all(void *last)
