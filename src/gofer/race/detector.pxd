cdef class Switch:
    cdef public bint on
cdef Switch switch
cdef bint GIL
cdef class Actor:
    cdef public long long slot, time, used
    cdef public dict clock
    cdef public object name, kind, created, created_name, finished, shared, thread
    cdef public int quiet
cdef class Location:
    cdef public object write
    cdef public dict reads
    cdef public long long w_slot, w_time, r_slot, r_time
cpdef Actor current()
cpdef shadow_of(object target)
cpdef access(object target, object key, bint write)
cpdef element(object target, object key, bint write)
cdef touch(Location location, Actor actor, bint write)
cdef conflict(Location location, Actor actor, bint write)
