cimport cython
from gofer._core.machine cimport bits, guard
from gofer._core.sync.edges cimport Edges
from gofer._core.machine.hooks cimport Hooks

ctypedef unsigned long long ulonglong
cdef Hooks HOOKS


cdef class Integer(Edges):
    cdef bits.Bits cell
    cdef unsigned long long mask
    cdef unsigned long long sign
    cdef setup(self, value, unsigned long long mask, unsigned long long sign)
    @cython.locals(signed=cython.longlong)
    cdef number(self, unsigned long long b)
    cdef unsigned long long operand(self, n) except? 77
    @cython.locals(b=ulonglong)
    cdef unsigned long long bits_of(self, n) except? 77
    cdef check(self, n)
    @cython.locals(b=ulonglong)
    cpdef load(self)
    cpdef store(self, value)
    @cython.locals(old=ulonglong, new=ulonglong, change=ulonglong)
    cpdef add(self, delta)
    @cython.locals(old=ulonglong)
    cpdef swap(self, value)
    @cython.locals(old=ulonglong)
    cdef unsigned long long exchange(self, unsigned long long new) except? 77
    @cython.locals(expected=ulonglong, wanted=ulonglong, swapped=bint)
    cpdef bint compare_and_swap(self, old, new) except -1
    @cython.locals(old=ulonglong, kept=ulonglong)
    cpdef and_(self, mask)
    @cython.locals(old=ulonglong, added=ulonglong)
    cpdef or_(self, mask)


cdef class Int32(Integer):
    pass


cdef class Int64(Integer):
    pass


cdef class Uint32(Integer):
    pass


cdef class Uint64(Integer):
    pass


cdef class Reference(Edges):
    cdef guard.Guard gate
    cdef object value
    cdef void open(self, value) noexcept
    cdef get(self)
    cdef exchange(self, new)
    @cython.locals(same=bint)
    cdef bint exchange_if(self, old, new) except -1


cdef class Bool(Reference):
    cdef check(self, value)


cdef class Pointer(Reference):
    pass


cdef class Value(Reference):
    cdef replace(self, new, str what)
