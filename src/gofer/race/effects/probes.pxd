cimport cython
from gofer.race.engine cimport detector
from gofer.race.engine.detector cimport access, current, element, resize, whole

cdef extern from "probe.h":
    ctypedef struct race_probe:
        void *name
        void *what
        int write
        int plain
        int operator
    race_probe *race_probe_of(void *probe) noexcept
    race_probe *race_probe_at(race_probe probe) noexcept

cdef extern from *:
    """
    #define race_pointer(o) ((void *)(o))
    #define race_held(o) ((PyObject *)(o))
    """
    void *race_pointer(object target) noexcept
    void *race_held(object target) noexcept

@cython.final
cdef class Probe:
    cdef race_probe at
    cdef readonly object name, write, what

cpdef attribute(object target, str name, bint write)
cpdef subscript(object target, object key, object write)
cdef subscript_dict(object target, object key, object write)
cdef subscript_slice(object target, object key, object write)
cpdef subscript_builtin(object target, object key, object write)
cdef check_layout(Probe probe)
