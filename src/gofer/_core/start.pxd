from gofer._core cimport entry, scheduler, spawn

cdef int launch(object fn, tuple args, object kwargs) except -1
