cdef class Uncopyable:
    cdef _refuse(self)
