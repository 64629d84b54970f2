cdef extern from *:
    """
    #ifndef GOFER_BITS_H
    #define GOFER_BITS_H
    typedef unsigned long long gofer_bits;
    #ifdef Py_GIL_DISABLED
    #define gofer_bits_load(b) __atomic_load_n(&(b), __ATOMIC_SEQ_CST)
    static inline int gofer_bits_swap_if(gofer_bits *b, gofer_bits old, gofer_bits new_) {
        return __atomic_compare_exchange_n(b, &old, new_, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    }
    #else
    #define gofer_bits_load(b) (b)
    static inline int gofer_bits_swap_if(gofer_bits *b, gofer_bits old, gofer_bits new_) {
        return *b == old ? (*b = new_, 1) : 0;
    }
    #endif
    #define gofer_bits_exchange(b, old, new_) gofer_bits_swap_if(&(b), (old), (new_))
    #endif
    """
    ctypedef unsigned long long Bits "gofer_bits"
    Bits make "(gofer_bits)" (unsigned long long value) noexcept
    unsigned long long load "gofer_bits_load" (Bits b) noexcept
    bint exchange "gofer_bits_exchange" (Bits b, unsigned long long old, unsigned long long new) noexcept
cdef extern from "Python.h":
    unsigned long long low "PyLong_AsUnsignedLongLongMask" (object number) except? -1
