cdef extern from "bell.h":
    ctypedef struct Bell "gofer_bell":
        pass
    Bell hang "gofer_bell_hang" (bint hears_signals) except *
    void ring "gofer_bell_ring" (Bell bell) noexcept
    int hear "gofer_bell_hear" (Bell bell, double seconds) except -1
    void expect "gofer_bell_expect" (Bell bell) noexcept
    void after_fork "gofer_bell_after_fork" (Bell bell) noexcept
