from cpython.ref cimport PyObject

cdef extern from "Python.h":
    PyObject *_PyType_Lookup(object kind, object name)
    PyObject *PyObject_GenericGetDict(object target, void *context)
    void PyErr_Clear()
    void Py_DECREF(object target)

cdef inline void *nothing():
    return NULL

cdef inline object owned(PyObject *at):
    found = <object>at
    Py_DECREF(found)
    return found

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
cpdef bint type_has(object kind, object name)
cpdef object dict_of(object target)
cpdef object running_globals()
