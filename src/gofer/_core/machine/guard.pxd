cdef extern from *:
    """
    #ifndef GOFER_GUARD_H
    #define GOFER_GUARD_H
    #ifdef Py_GIL_DISABLED
    typedef PyMutex gofer_guard;
    typedef int gofer_flag;
    #define gofer_guard_acquire(g) PyMutex_Lock(&(g))
    #define gofer_guard_release(g) PyMutex_Unlock(&(g))
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
    #define gofer_guard_acquire(g) ((void)0)
    #define gofer_guard_release(g) ((void)0)
    #define gofer_flag_set(f) ((void)((f) = 1))
    #define gofer_flag_take(f) ((f) ? ((f) = 0, 1) : 0)
    #define gofer_flag_seen(f) (f)
    #define gofer_counter_add(c, n) ((c) += (n))
    #define gofer_counter_read(c) (c)
    #define gofer_guard_fence() ((void)0)
    #define GOFER_FREE_THREADED 0
    #endif
    #define gofer_guard_is_no(frame) 0
    static inline gofer_guard gofer_guard_make(void) { gofer_guard g = {0}; return g; }
    #ifdef GOFER_CHECK_GUARDS
    #include "checks.h"
    #define gofer_guard_take(g, more, grows) \
        (GOFER_CHECK(take(GOFER_PLACE(&(g)), (more), (grows))), gofer_guard_acquire(g))
    #define gofer_guard_unlock(g) (gofer_guard_release(g), GOFER_CHECK(give(GOFER_PLACE(&(g)))))
    #define gofer_guard_pin() GOFER_CHECK(pin(GOFER_PLACE(NULL)))
    #define gofer_guard_unpin() GOFER_CHECK(pin((gofer_place){NULL, NULL, 0}))
    #define gofer_guard_grow() GOFER_CHECK(grow())
    #define gofer_guard_outside() GOFER_CHECK(outside("the core is entered", GOFER_PLACE(NULL)))
    #define gofer_guard_apart() GOFER_CHECK(apart("the core is entered", GOFER_PLACE(NULL)))
    #define GOFER_GUARDS_CHECKED 1
    #define GOFER_GUARDS_NEEDED 1
    #else
    #define gofer_guard_take(g, more, grows) gofer_guard_acquire(g)
    #define gofer_guard_unlock(g) gofer_guard_release(g)
    #define gofer_guard_pin() ((void)0)
    #define gofer_guard_unpin() ((void)0)
    #define gofer_guard_grow() ((void)0)
    #define gofer_guard_outside() ((void)0)
    #define gofer_guard_apart() ((void)0)
    #define GOFER_GUARDS_CHECKED 0
    #define GOFER_GUARDS_NEEDED GOFER_FREE_THREADED
    #endif
    #define gofer_guard_lock(g) gofer_guard_take((g), 0, 0)
    #define gofer_guard_lock_more(g) gofer_guard_take((g), 1, 0)
    #define gofer_guard_lock_to_grow(g) gofer_guard_take((g), 0, 1)
    #endif
    """
    ctypedef struct Guard "gofer_guard":
        pass
    ctypedef int Flag "gofer_flag"
    ctypedef long long Counter "long long"
    Guard make "gofer_guard_make" () noexcept nogil
    void lock "gofer_guard_lock" (Guard g) noexcept nogil
    void lock_more "gofer_guard_lock_more" (Guard g) noexcept nogil
    void lock_to_grow "gofer_guard_lock_to_grow" (Guard g) noexcept nogil
    void unlock "gofer_guard_unlock" (Guard g) noexcept nogil
    void grow "gofer_guard_grow" () noexcept nogil
    void pin "gofer_guard_pin" () noexcept nogil
    void unpin "gofer_guard_unpin" () noexcept nogil
    void outside "gofer_guard_outside" () noexcept nogil
    void apart "gofer_guard_apart" () noexcept nogil
    Flag flag "(gofer_flag)" (int raised) noexcept nogil
    void raise_flag "gofer_flag_set" (Flag f) noexcept nogil
    bint take "gofer_flag_take" (Flag f) noexcept nogil
    bint seen "gofer_flag_seen" (Flag f) noexcept nogil
    void fence "gofer_guard_fence" () noexcept nogil
    Counter counter "(long long)" (int start) noexcept nogil
    Counter add "gofer_counter_add" (Counter c, int n) noexcept nogil
    Counter read "gofer_counter_read" (Counter c) noexcept nogil
    bint is_inside "gofer_guard_is_no" (object frame) noexcept
    bint is_calling "gofer_guard_is_no" (object frame) noexcept
    bint FREE_THREADED "GOFER_FREE_THREADED"
    bint NEEDED "GOFER_GUARDS_NEEDED"
    bint CHECKED "GOFER_GUARDS_CHECKED"
