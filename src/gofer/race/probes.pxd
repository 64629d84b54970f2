from gofer.race.detector cimport Actor

cdef class Probe:
    cdef public object name, write, extra
