from gofer._core.sched.goroutine cimport Carrier, Goroutine, Waiter

cdef extern from *:
    """
    #ifndef GOFER_BORROWED_H
    #define GOFER_BORROWED_H
    static inline void *gofer_borrowed(void *p) { Py_INCREF((PyObject *)p); return p; }
    #endif
    """
    Goroutine goroutine "gofer_borrowed" (void *pointer)
    Waiter waiter "gofer_borrowed" (void *pointer)
    Carrier carrier "gofer_borrowed" (void *pointer)
