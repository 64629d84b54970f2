from gofer._core.machine cimport entry
from gofer._core.sched cimport scheduler, spawn

cdef int launch(object fn, tuple args, object kwargs) except -1
