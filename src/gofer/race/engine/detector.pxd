cimport cython
from gofer._core.machine cimport borrow, hooks
from gofer._core.sched cimport scheduler
from gofer._core.sched.goroutine cimport Goroutine
from gofer.race.engine.engine cimport *

ctypedef void *p_void
ctypedef race_actor *p_actor

cdef class Switch:
    pass

@cython.final
cdef class Actor:
    cdef race_actor at
    cdef public object name, kind, thread
    cdef public bint finished
    cdef uint32_t origin
    cdef bint forked
    cdef uint64_t first
    cdef Clock last

@cython.final
@cython.freelist(256)
cdef class Clock:
    cdef race_node *seen
    cdef race_node *bare
    cdef uint64_t epoch

@cython.final
@cython.freelist(256)
cdef class Start:
    cdef Clock clock
    cdef uint32_t stack

cdef class Stand:
    cdef object g

cdef class Tool(hooks.Tool):
    pass

@cython.locals(at=p_void)
cpdef Actor current()
cdef Actor adopt()
cdef void *here() noexcept
cdef object released()
cdef void acquired(object clock) noexcept
cpdef steps(object target, object iterator, int mode)
cdef void *adopted() noexcept
@cython.locals(made=Clock)
cpdef Clock snapshot_of(Actor actor)
@cython.locals(made=Start)
cpdef Start start_here()
@cython.locals(given=Clock)
cpdef acquire_into(Actor actor, object clock)
@cython.locals(first=Clock, second=Clock, joined=Clock)
cpdef join(object a, object b)
cpdef end_actor(Actor actor)
cdef uintptr_t key_of(object key) except? 0
@cython.locals(at=p_actor)
cpdef access(object target, object key, bint write)
@cython.locals(at=p_actor)
cpdef element(object target, object key, bint write)
@cython.locals(at=p_actor)
cpdef resize(object target, object key)
@cython.locals(at=p_actor)
cpdef whole(object target)
cpdef attribute(object target, str name, bint write)
@cython.locals(at=p_void)
cpdef object shadow_of(object target)
@cython.locals(made=Goroutine)
cdef watch_call(object g)
cdef check_layout(Actor actor)
