cimport cython
from gofer._core.machine cimport dicts, guard
from gofer._core.sync.edges cimport Edges
from gofer._core.machine.hooks cimport Hooks

cdef Hooks HOOKS


@cython.final
cdef class Entry:
    cdef object key
    cdef object value
    cdef object clock


cdef class Map(Edges):
    cdef guard.Guard gate
    cdef dict slots
    cdef dict index
    cdef Py_ssize_t count
    cdef Entry find(self, object there, key)
    @cython.locals(plain=bint)
    cdef Entry lookup(self, key)
    cdef saw(self, Entry e)
    @cython.locals(unchanged=bint)
    cdef bint replace(self, hashed, object there, object new, Py_ssize_t change, key, Entry e) except -1
    cdef bint put(self, hashed, object there, Entry old, key, value) except -1
    cdef bint take(self, hashed, object there, Entry old) except -1
    cdef list entries(self)
    cpdef list snapshot(self, int part)
    cpdef load_and_delete(self, key)
    cpdef store(self, key, value)


cdef object instead(object there, Entry old, Entry new)
