from gofer._core.sched.registry cimport Registry
from gofer._core.sched.worker cimport Worker

cdef extern from *:
    """
    #ifndef GOFER_OWNER_H
    #define GOFER_OWNER_H
    static inline void *gofer_owner(void *p) { Py_INCREF((PyObject *)p); return p; }
    #endif
    """
    Registry registry "gofer_owner" (void *pointer)
    Worker worker "gofer_owner" (void *pointer)
