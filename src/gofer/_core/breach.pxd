cimport cython
from gofer._core cimport guard, scheduler
from gofer._core.goroutine cimport Goroutine
from gofer._core.guard cimport Guard

@cython.locals(gate=Guard)
cpdef object inside(object fn)
@cython.locals(g=Goroutine)
cpdef object armed(object fn)
