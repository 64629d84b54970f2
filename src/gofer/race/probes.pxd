from gofer.race.detector cimport Actor, access, current, element
cimport cython

cdef class Probe:
    cdef public object name, write, extra
    cdef bint plain

cpdef attribute(object target, str name, bint write)
cdef lookup(object kind, str name)
cpdef subscript(object target, object key, object write)
cdef subscript_dict(object target, object key, object write)
cpdef subscript_builtin(object target, object key, object write)
