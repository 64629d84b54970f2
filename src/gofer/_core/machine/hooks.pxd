cdef class Tool:
    cdef object snapshot(self)
    cdef acquire(self, object clock)
    cdef object merge(self, object a, object b)
    cdef fork(self, object g)
    cdef object leave(self)
    cdef fork_from(self, object g, object start, object clock)
    cdef begin(self, object g)
    cdef end(self, object g)
    cdef read(self, object target, object key)
    cdef write(self, object target, object key)

cdef class Hooks:
    cdef readonly bint on
    cdef readonly Tool tool
    cdef object stepper
    cpdef step(self)
