cdef extern from "tracing.h":
    object stack_item "gofer_tracing_stack_item" (object frame, int place)
    list variables "gofer_tracing_variables" (object frame)
    void leave "gofer_tracing_leave" () noexcept
    void enter "gofer_tracing_enter" () noexcept
    int trace_thread "gofer_tracing_trace_thread" (unsigned long ident, object callback) except -1
