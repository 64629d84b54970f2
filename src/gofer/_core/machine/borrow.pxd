cdef extern from *:
    """
    #ifndef GOFER_BORROW_H
    #define GOFER_BORROW_H
    #define gofer_ref_of(o) ((void *)(o))
    static inline PyObject *gofer_ref_get(void *p) { Py_INCREF((PyObject *)p); return (PyObject *)p; }
    #define gofer_ref_mark(p) (p)
    #define gofer_ref_hold(o) Py_INCREF((PyObject *)(o))
    #define gofer_ref_drop(o) Py_DECREF((PyObject *)(o))
    /* A list whose slots are NULL until they are filled: nobody must see it before that, by way of the collector. */
    static inline PyObject *gofer_slots_make(Py_ssize_t n) {
        PyObject *list = PyList_New(n);
        if (list)
            PyObject_GC_UnTrack(list);
        return list;
    }
    #define gofer_slots_put(list, i, value) PyList_SET_ITEM((list), (i), Py_NewRef(value))
    static inline void gofer_slots_end(PyObject *list, Py_ssize_t filled) {
        Py_SET_SIZE(list, filled);
        PyObject_GC_Track(list);
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
    void end "gofer_slots_end" (list slots, Py_ssize_t filled) noexcept
