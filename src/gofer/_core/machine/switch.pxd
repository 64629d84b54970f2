cdef extern from "switch.h":
    int load "gofer_switch_load" () except -1
    void *to "gofer_switch_to" (void *target) noexcept
    void *give "gofer_switch_give" (void *target, object came) noexcept
    object received "gofer_switch_received" (void *came)
    void *thread "PyThreadState_Get" () noexcept
    void *frames "gofer_switch_frames" (void *thread) noexcept
    void *NOWHERE "gofer_switch_nowhere"
    object new "gofer_switch_new" (object run)
    object current "gofer_switch_current" ()
    void *call "gofer_switch_call" (object fn, object args, object kwargs) noexcept
    void leave "gofer_switch_leave" (object context) noexcept
    object caller_code "gofer_switch_caller_code" ()
    int caller_lasti "gofer_switch_caller_lasti" () noexcept
    void safe_point "gofer_switch_safe_point" () noexcept
    void thaw "gofer_switch_thaw" (object greenlet) noexcept
    void show_frames "gofer_switch_show_frames" () noexcept
    void keep_chunks "gofer_switch_keep_chunks" () noexcept
    void begin_frames "gofer_switch_begin_frames" () noexcept
    void *worker "gofer_switch_worker" () noexcept
    void set_worker "gofer_switch_set_worker" (void *worker) noexcept
cdef extern from "Python.h":
    object copy_context "PyContext_CopyCurrent" ()
    int enter "PyContext_Enter" (object context) except -1
