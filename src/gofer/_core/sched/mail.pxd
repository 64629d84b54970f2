cimport cython
from gofer._core.machine cimport guard
from gofer._core.sched.goroutine cimport Goroutine, Letter, Mailbox
from gofer._core.sched.runtime cimport Runtime

cdef Runtime RUNTIME

cpdef post(Goroutine g, object error)
cdef look(Goroutine g)
@cython.locals(waiting=bint)
cdef bint is_waiting(Goroutine g) except -1
cdef bint stops(Goroutine g) except -1
cdef bint receive(Goroutine g) except -1
cdef lower(Goroutine g, Mailbox box)
cdef open_letter(Goroutine g)
cdef bint has_brought(Goroutine g, object error) except -1
