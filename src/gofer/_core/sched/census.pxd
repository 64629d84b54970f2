cimport cython
from gofer._core.machine cimport borrow, reasons, stacks, switch
from gofer._core.sched cimport borrowed, owner
from gofer._core.sched.goroutine cimport Carrier, Goroutine, p_void
from gofer._core.sched.worker cimport Worker

@cython.locals(pile=p_void)
cpdef list of_goroutines(object members)
cdef void put_goroutine(void *pile, Goroutine g) noexcept
@cython.locals(reason=long, started=long)
cdef next_goroutine(void *pile)
@cython.locals(lasti=long)
cdef list next_stack(void *pile)
cpdef list of_thread(unsigned long ident, int most)
@cython.locals(pile=p_void)
cdef list look_at(unsigned long ident, int most, bint others)
