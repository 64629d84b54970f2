cdef extern from *:
    """
    #ifndef GOFER_GUARD_H
    #define GOFER_GUARD_H
    #ifdef Py_GIL_DISABLED
    typedef PyMutex gofer_guard;
    typedef int gofer_flag;
    #define gofer_guard_lock(g) PyMutex_Lock(&(g))
    #define gofer_guard_unlock(g) PyMutex_Unlock(&(g))
    #define gofer_flag_set(f) __atomic_store_n(&(f), 1, __ATOMIC_SEQ_CST)
    #define gofer_flag_take(f) __atomic_exchange_n(&(f), 0, __ATOMIC_SEQ_CST)
    #define gofer_flag_seen(f) __atomic_load_n(&(f), __ATOMIC_SEQ_CST)
    #define gofer_counter_add(c, n) __atomic_add_fetch(&(c), (n), __ATOMIC_SEQ_CST)
    #define gofer_counter_read(c) __atomic_load_n(&(c), __ATOMIC_SEQ_CST)
    #define gofer_guard_fence() __atomic_thread_fence(__ATOMIC_SEQ_CST)
    #define GOFER_FREE_THREADED 1
    #else
    typedef struct { char unused; } gofer_guard;
    typedef int gofer_flag;
    #define gofer_guard_lock(g) ((void)0)
    #define gofer_guard_unlock(g) ((void)0)
    #define gofer_flag_set(f) ((void)((f) = 1))
    #define gofer_flag_take(f) ((f) ? ((f) = 0, 1) : 0)
    #define gofer_flag_seen(f) (f)
    #define gofer_counter_add(c, n) ((c) += (n))
    #define gofer_counter_read(c) (c)
    #define gofer_guard_fence() ((void)0)
    #define GOFER_FREE_THREADED 0
    #endif
    static inline gofer_guard gofer_guard_make(void) { gofer_guard g = {0}; return g; }
    #endif
    """
    ctypedef struct Guard "gofer_guard":
        pass
    ctypedef int Flag "gofer_flag"
    ctypedef long long Counter "long long"
    Guard make "gofer_guard_make" () noexcept nogil
    void lock "gofer_guard_lock" (Guard g) noexcept nogil
    void unlock "gofer_guard_unlock" (Guard g) noexcept nogil
    Flag flag "(gofer_flag)" (int raised) noexcept nogil
    void raise_flag "gofer_flag_set" (Flag f) noexcept nogil
    bint take "gofer_flag_take" (Flag f) noexcept nogil
    bint seen "gofer_flag_seen" (Flag f) noexcept nogil
    void fence "gofer_guard_fence" () noexcept nogil
    Counter counter "(long long)" (int start) noexcept nogil
    Counter add "gofer_counter_add" (Counter c, int n) noexcept nogil
    Counter read "gofer_counter_read" (Counter c) noexcept nogil
    bint FREE_THREADED "GOFER_FREE_THREADED"
    bint NEEDED "GOFER_FREE_THREADED"
