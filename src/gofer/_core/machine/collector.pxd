cdef extern from *:
    """
    #ifndef GOFER_COLLECTOR_H
    #define GOFER_COLLECTOR_H
    /* Without a GIL other threads may need it meanwhile, and it does not begin in compiled code. */
    #ifdef Py_GIL_DISABLED
    #define gofer_collector_pause() 0
    #define gofer_collector_resume(paused) ((void)(paused))
    #else
    #define gofer_collector_pause() PyGC_Disable()
    #define gofer_collector_resume(paused) ((void)((paused) && PyGC_Enable()))
    #endif
    #endif
    """
    bint pause "gofer_collector_pause" () noexcept
    void resume "gofer_collector_resume" (bint paused) noexcept
