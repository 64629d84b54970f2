cdef extern from "noted.h":
    object change "gofer_noted_change" (object function, object tell)
