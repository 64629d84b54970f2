cimport cython
from gofer._core.machine cimport borrow, guard, switch
from gofer._core.sched cimport borrowed, goroutine, interrupts, owner, scheduler, spawn
from gofer._core.sched.goroutine cimport Carrier, Goroutine, p_void
from gofer._core.sched.worker cimport Worker


@cython.final
cdef class Handler:
    cdef readonly object handler

cdef bint must_wait(object frame) except -1
@cython.locals(at=p_void)
cdef deliver(object handler, object number, object frame)
cdef start(Worker worker, object handler, object number)
@cython.locals(at=p_void)
cpdef act(object handler, object number, object frame)
cdef act_as_main(Worker worker, Goroutine g, object handler, object number, object frame)
