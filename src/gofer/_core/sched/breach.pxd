cimport cython
from gofer._core.machine cimport guard
from gofer._core.sched cimport scheduler
from gofer._core.sched.goroutine cimport Goroutine
from gofer._core.machine.guard cimport Guard

@cython.locals(gate=Guard)
cpdef object inside(object fn)
@cython.locals(g=Goroutine)
cpdef object armed(object fn)
