from gofer._core.goroutine cimport Carrier, Goroutine, Registry, Waiter
from gofer._core.worker cimport Worker

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
    Registry registry "gofer_borrowed" (void *pointer)
    Worker worker "gofer_borrowed" (void *pointer)
