cimport cython
from gofer.race cimport detector
from gofer.race.detector cimport access, current, element, resize, whole

cdef extern from "probe.h":
    ctypedef struct race_probe:
        void *name
        void *what
        int write
        int plain
    race_probe *race_probe_of(void *probe) noexcept
    race_probe *race_probe_at(race_probe probe) noexcept

cdef extern from *:
    """
    #define race_pointer(o) ((void *)(o))
    #define race_held(o) ((PyObject *)(o))
    #if defined(Py_GIL_DISABLED)
    #define race_list_item(list, index) PyList_GetItemRef(list, index)
    #else
    #define race_list_item(list, index) Py_NewRef(PyList_GET_ITEM(list, index))
    #endif
    """
    void *race_pointer(object target) noexcept
    void *race_held(object target) noexcept
    object race_list_item(object target, Py_ssize_t index)

cdef enum:
    KEYS = 0
    VALUES = 1
    ITEMS = 2
    INDEXED = 3
    GENERATED = 4
    ITERATED = 5

@cython.final
cdef class Probe:
    cdef race_probe at
    cdef readonly object name, write, what

@cython.final
cdef class ListSteps:
    cdef object target
    cdef Py_ssize_t index

@cython.final
cdef class Steps:
    cdef object target, iterator
    cdef int mode
    cdef Py_ssize_t index

cpdef attribute(object target, str name, bint write)
cpdef subscript(object target, object key, object write)
cdef subscript_dict(object target, object key, object write)
cdef subscript_slice(object target, object key, object write)
cpdef subscript_builtin(object target, object key, object write)
cdef check_layout(Probe probe)
