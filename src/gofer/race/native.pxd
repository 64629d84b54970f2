from cpython.ref cimport PyObject

cdef extern from "../race/frames.h":
    object race_capture()
    PyObject *race_frame_cell(object name)
    PyObject *race_frame_globals()

cdef extern from "../race/shadowmap.h":
    void race_map_lock(void *key)
    void race_map_unlock(void *key)
    PyObject *race_map_find(void *key)
    PyObject *race_map_set(void *key, object value)
    size_t race_map_count()
    void race_watch_start(object plain)
    int race_watch(object op)

cdef inline void *address(object target):
    return <void *>target

cdef inline object as_object(PyObject *at):
    return <object>at

cpdef object capture()
cpdef object cell_of(object name)
cpdef object find(object target)
cpdef bint put(object target, object shadow)
