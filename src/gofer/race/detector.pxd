cdef class Actor:
    cdef public object slot, time, clock, name, kind, created, created_name, finished, shared, used, quiet, thread
cdef class Location:
    cdef public object write, reads
cpdef object current()
cpdef object access(object target, object key, bint write)
cdef object touch(Location location, Actor actor, bint write)
cdef object conflict(Location location, Actor actor, bint write)
