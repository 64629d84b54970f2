from gofer.race cimport detector
from gofer.race.detector cimport access, current, element, resize, whole
cimport cython
from libc.stdint cimport uint64_t

cdef extern from "kinds.h":
    int RACE_KIND_NOTHING, RACE_KIND_OWN, RACE_KIND_METHOD, RACE_KIND_SHARED, RACE_KIND_MODULE, RACE_KIND_CLASS, RACE_KIND_CACHED
    int RACE_NONE, RACE_LIST, RACE_DICT, RACE_SET, RACE_DEQUE, RACE_BYTES, RACE_ARRAY
    int race_kind(object target, object name, uint64_t *known) noexcept
    void *race_class_with(object type, object name) noexcept
    bint race_class_variable(object type, object name) noexcept
    bint race_has_own(object target, object name) noexcept
    void race_kinds_start(object local, object deque, object array, object cached) noexcept
    int race_container(object target) noexcept
    bint race_is_scalar(object target) noexcept
    object race_caller_of(object probe)
    void race_set_called(object called) noexcept
    void *race_frame_cell(object name) noexcept
    void *race_frame_globals() noexcept

cdef extern from *:
    """
    #define race_word_at(w) (&(w))
    #define race_pointer(o) ((void *)(o))
    static PyObject *race_object(void *p) { return Py_NewRef((PyObject *)p); }
    """
    uint64_t *race_word_at(uint64_t word) noexcept
    void *race_pointer(object target) noexcept
    object race_object(void *at)

cdef extern from "Python.h":
    object PyObject_GetIter(object target)

ctypedef void *p_void

@cython.final
cdef class Probe:
    cdef public object name, write, extra
    cdef object what
    cdef bint plain, writes
    cdef uint64_t last, late, known
    @cython.locals(word=uint64_t)
    cpdef attr(self, object target)
    @cython.locals(word=uint64_t)
    cpdef attr_late(self, object target, object value)
    @cython.locals(word=uint64_t, at=p_void)
    cpdef variable(self, object value)
    @cython.locals(word=uint64_t, at=p_void)
    cpdef module_variable(self, object value)
    cpdef in_place(self, object held, object value)
    @cython.locals(word=uint64_t)
    cdef reached(self, object target, object key, object write)
    cpdef get(self, object target, object key)
    cpdef place(self, object target, object key)
    cpdef key(self, object target, object key)
    cpdef inside(self, object target)
    cpdef place_late(self, object target, object key, object value)
    cpdef loop(self, object value)
    cpdef read_all(self, object value)
    cpdef size(self, object value)

@cython.final
cdef class ListSteps:
    cdef object target, iterator
    cdef Py_ssize_t index

@cython.locals(kind=int, found=p_void)
cdef attribute_of(object target, object name, bint write, uint64_t *known)
cpdef attribute(object target, str name, bint write)
@cython.locals(found=p_void)
cdef class_attribute(object target, object name, bint write)
cpdef subscript(object target, object key, object write)
cdef subscript_dict(object target, object key, object write)
cdef subscript_slice(object target, object key, object write)
cpdef subscript_builtin(object target, object key, object write)
cdef bint frequent(object function, object args)
