cdef extern from *:
    """
    #ifndef GOFER_BORROW_H
    #define GOFER_BORROW_H
    #define gofer_ref_of(o) ((void *)(o))
    static inline PyObject *gofer_ref_get(void *p) { Py_INCREF((PyObject *)p); return (PyObject *)p; }
    #define gofer_ref_mark(p) (p)
    #define gofer_ref_hold(o) Py_INCREF((PyObject *)(o))
    #define gofer_ref_drop(o) Py_DECREF((PyObject *)(o))
    /* A list whose free slots are NULL: private to its owner, visible to the collector. */
    static inline PyObject *gofer_slots_make(Py_ssize_t n) { return PyList_New(n); }
    static inline void gofer_slots_put(PyObject *list, Py_ssize_t i, PyObject *value) {
        Py_INCREF(value);
        PyList_SET_ITEM(list, i, value);
    }
    static inline PyObject *gofer_slots_take(PyObject *list, Py_ssize_t i) {
        PyObject *value = PyList_GET_ITEM(list, i);
        PyList_SET_ITEM(list, i, NULL);
        return value;
    }
    /* Only with a GIL: the free-threaded collector walks the heap, and does not take less time. */
    #ifdef Py_GIL_DISABLED
    #define gofer_ref_hide(o) ((void)(o))
    #define gofer_ref_show(o) ((void)(o))
    #else
    static inline void gofer_ref_hide(PyObject *o) {
        if (PyObject_IS_GC(o))
            PyObject_GC_UnTrack(o);
    }
    static inline void gofer_ref_show(PyObject *o) {
        if (PyObject_IS_GC(o) && !PyObject_GC_IsTracked(o))
            PyObject_GC_Track(o);
    }
    #endif
    #define gofer_ref_is_method(o) (PyCFunction_CheckExact(o) || PyMethod_Check(o))
    #endif
    """
    void *of "gofer_ref_of" (object value) noexcept
    object get "gofer_ref_get" (void *pointer)
    void *mark "gofer_ref_mark" (void *pointer) noexcept
    void hold "gofer_ref_hold" (object value) noexcept
    void drop "gofer_ref_drop" (object value) noexcept
    void hide "gofer_ref_hide" (object value) noexcept
    void show "gofer_ref_show" (object value) noexcept
    bint is_method "gofer_ref_is_method" (object value) noexcept
    void *NOTHING "NULL"
    bint COMPILED "1"
    list slots "gofer_slots_make" (Py_ssize_t count)
    void put "gofer_slots_put" (list slots, Py_ssize_t index, object value) noexcept
    object take "gofer_slots_take" (list slots, Py_ssize_t index)
