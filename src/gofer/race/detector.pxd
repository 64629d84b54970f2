cimport cython
from gofer._core cimport borrow, hooks, scheduler
from gofer._core.goroutine cimport Goroutine
from gofer.race.engine cimport *

ctypedef void *p_void

cdef class Switch:
    cdef public bint on
cdef Switch switch

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

cdef class Stand:
    cdef object g

cdef class Tool(hooks.Tool):
    pass

@cython.locals(at=p_void)
cpdef Actor current()
cdef Actor adopt()
cdef uint64_t now(void *target) except? 1
@cython.locals(at=p_void)
cdef uint64_t word_of(void *target) except? 1
@cython.locals(made=Clock)
cpdef Clock snapshot_of(Actor actor)
@cython.locals(given=Clock)
cpdef acquire_into(Actor actor, object clock)
@cython.locals(first=Clock, second=Clock, joined=Clock)
cpdef join(object a, object b)
cpdef end_actor(Actor actor)
cdef uintptr_t key_of(object key) except? 0
cpdef access(object target, object key, bint write)
cpdef element(object target, object key, bint write)
cpdef resize(object target, object key)
cpdef whole(object target)
cdef access_attribute(object target, object name, bint write)
cdef access_global(object space, object name, bint write)
cdef access_variable(object cell, object what, bint write)
cdef access_structure(object target, bint write)
cdef access_whole(object target)
cdef access_index(object target, Py_ssize_t index, bint write)
cdef access_key(object target, object key, bint write)
cdef tell(object target, Actor actor, bint write)
@cython.locals(at=p_void)
cpdef object shadow_of(object target)
cdef check_layout(Actor actor)
