cdef extern from *:
    """
    #ifndef GOFER_SPIN_H
    #define GOFER_SPIN_H
    #ifdef Py_GIL_DISABLED
    #include <time.h>
    #define GOFER_SPIN_POSSIBLE 1
    static inline long long gofer_spin_clock(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (long long)t.tv_sec * 1000000000 + t.tv_nsec;
    }
    /* Detached, so that a collector that stops all threads need not wait for this one. */
    static int gofer_spin(void **field, long long nanoseconds) {
        int set = 0;
        Py_BEGIN_ALLOW_THREADS
        long long end = gofer_spin_clock() + nanoseconds;
        do {
            for (int i = 0; i < 32 && !set; i++) {
                set = __atomic_load_n(field, __ATOMIC_ACQUIRE) != NULL;
    #if defined(__x86_64__) || defined(__i386__)
                __builtin_ia32_pause();
    #endif
            }
        } while (!set && gofer_spin_clock() < end);
        Py_END_ALLOW_THREADS
        return set;
    }
    /* Attached: that is shorter than to detach and attach again. */
    static void gofer_spin_while(const int *flag, void **queue, long long nanoseconds) {
        long long end = gofer_spin_clock() + nanoseconds;
        do {
            for (int i = 0; i < 8; i++) {
                if (!__atomic_load_n(flag, __ATOMIC_RELAXED) || __atomic_load_n(queue, __ATOMIC_RELAXED))
                    return;
    #if defined(__x86_64__) || defined(__i386__)
                __builtin_ia32_pause();
    #endif
            }
        } while (gofer_spin_clock() < end);
    }
    #define gofer_spin_until(field, nanoseconds) gofer_spin((void **)&(field), (nanoseconds))
    #define gofer_spin_while_set(flag, queue, nanoseconds) \
        gofer_spin_while(&(flag), (void **)&(queue), (nanoseconds))
    #else
    #define GOFER_SPIN_POSSIBLE 0
    #define gofer_spin_until(field, nanoseconds) ((void)(nanoseconds), (field) != NULL)
    #define gofer_spin_while_set(flag, queue, nanoseconds) ((void)0)
    #endif
    #endif
    """
    bint POSSIBLE "GOFER_SPIN_POSSIBLE"
    bint until "gofer_spin_until" (void *field, long long nanoseconds)
    void while_set "gofer_spin_while_set" (int flag, void *queue, long long nanoseconds)
