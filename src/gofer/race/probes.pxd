from gofer.race.detector cimport Actor, access, current, element
cimport cython

cdef class Probe:
    cdef public object name, write, extra
    cdef bint plain

cdef attribute(object target, str name, bint write)
cdef lookup(object kind, str name)
cdef subscript(object target, object key, object write)
cdef subscript_dict(object target, object key, object write)
