from gofer._core.machine cimport bell, guard
from gofer._core.sched cimport owner
from gofer._core.sched.goroutine cimport Goroutine
from gofer._core.sched.monitor cimport Monitor
from gofer._core.sched.runtime cimport Runtime
from gofer._core.sched.worker cimport Worker

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
