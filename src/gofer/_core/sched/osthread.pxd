from gofer._core.sched cimport owner, scheduler, wakeup
from gofer._core.sched.choice cimport Choice
from gofer._core.sched.goroutine cimport Goroutine
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.worker cimport Worker

cdef Choice CHOICE
cdef Runtime RUNTIME

cpdef lock_thread()
cpdef unlock_thread()
