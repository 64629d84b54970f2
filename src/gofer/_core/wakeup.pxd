from gofer._core cimport bell, borrowed, guard
from gofer._core.goroutine cimport Goroutine
from gofer._core.monitor cimport Monitor
from gofer._core.runtime cimport Runtime
from gofer._core.worker cimport Worker

cdef Monitor MONITOR
cdef Runtime RUNTIME

cdef bint ring(Worker worker) except -1
cdef bint send_for(Worker worker) except -1
cdef wake_one()
cdef share_out(Goroutine g)
cdef Worker find_idle(Worker but)
cpdef relieve(Worker worker, double busy)
cpdef look_again()
cpdef thread_rests()
