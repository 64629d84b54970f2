cimport cython
from gofer._core cimport borrow, borrowed, scheduler
from gofer._core.goroutine cimport Waiter, p_void

cdef void *add(void *last, Waiter w) noexcept
cdef void *first(void *last) noexcept
cdef void *without_first(void *last) noexcept
@cython.locals(at=p_void)
cdef ready_all(void *last)
