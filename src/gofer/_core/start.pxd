from gofer._core cimport entry, scheduler

cdef int launch(object fn, tuple args, object kwargs) except -1
