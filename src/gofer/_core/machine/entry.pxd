cdef extern from "entry.h":
    object go "gofer_entry_make" (object function, int (*launch)(object fn, tuple args, object kwargs) except -1)
